package io.fdnetty.migration;

import static java.util.Objects.requireNonNull;

import io.fdnetty.adoption.Listener;
import io.fdnetty.adoption.Listeners;
import io.fdnetty.handover.ConnectionUnit;
import io.fdnetty.handover.MessageLimits;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The open connections of one server that can move: those that leave and those that arrive. Thread-safe.
 *
 * <p>A connection that is not on the move costs next to nothing on its data path: at most an {@link AnswerGuard} is in its pipeline.
 */
public final class LiveConnections {
    private static final long EXPLAIN_SECONDS = 10;

    private final Listeners listeners;
    private final MoveLimits limits;
    private final AtomicLong ids = new AtomicLong();
    private final Map<String, MovableInitializer> kinds = new ConcurrentHashMap<>();
    private final Map<Channel, String> listenerNames = new ConcurrentHashMap<>();
    /** The units: all but those that move with a leader. */
    private final Set<TrackedConnection> open = ConcurrentHashMap.newKeySet();

    private final Set<TrackedConnection> opened = ConcurrentHashMap.newKeySet();
    private final LateOperations late = new LateOperations();
    private final boolean quietly;

    public LiveConnections(Listeners listeners, MoveLimits limits) {
        this(listeners, limits, true);
    }

    /**
     * For tests.
     *
     * @param quietly false to do what is done where {@link Quiet} does not work
     */
    LiveConnections(Listeners listeners, MoveLimits limits, boolean quietly) {
        this.quietly = quietly;
        this.listeners = requireNonNull(listeners, "listeners");
        this.limits = requireNonNull(limits, "limits");
    }

    /**
     * What to give to {@code ServerBootstrap.childHandler}: it brings up accepted and arriving connections with the author's
     * handler and makes them known here.
     *
     * @param kind names this kind of connection, the same in both versions of the program
     * @param childHandler as it would be given to {@code childHandler}
     * @return a sharable handler
     * @throws IllegalArgumentException if the kind is taken
     */
    public ChannelHandler movable(String kind, ChannelHandler childHandler, MoveOptions options) {
        return add(new MovableInitializer(this, kind, childHandler, options, null));
    }

    /**
     * What to give to {@code Bootstrap.handler}: connections that the server opens itself become movable, each as a unit of its
     * own or {@linkplain LinkedConnections linked} to an accepted one.
     *
     * <p>An arriving one has no parent, and the options of the bootstrap were never set on it: the handler sets those that it
     * needs on the channel's configuration.
     *
     * @param kind names this kind of connection, the same in both versions of the program; no movable kind has the same name
     * @param group where those arrive that are linked to none; the others join their leader's event loop
     * @param handler as it would be given to {@code handler}
     * @return a sharable handler
     * @throws IllegalArgumentException if the kind is taken
     */
    public ChannelHandler outbound(String kind, EventLoopGroup group, ChannelHandler handler, MoveOptions options) {
        return add(new MovableInitializer(this, kind, handler, options, requireNonNull(group, "group")));
    }

    private ChannelHandler add(MovableInitializer initializer) {
        MessageLimits.checkName(initializer.kind());
        if (kinds.putIfAbsent(initializer.kind(), initializer) != null) {
            throw new IllegalArgumentException(
                    "connections of the kind \"" + initializer.kind() + "\" are movable already");
        }
        return initializer;
    }

    /** A view of the open connections of all kinds, without those that are linked to another one and move with it. */
    public Collection<LiveConnection> open() {
        return Collections.unmodifiableSet(open);
    }

    /** A view of the open connections that the server opened itself, linked or not. */
    public Collection<LiveConnection> opened() {
        return Collections.unmodifiableSet(opened);
    }

    /**
     * Captures many connections, those of one event loop in one task.
     *
     * @param listener hears of each one on its own event loop
     */
    public static void captureAll(Collection<? extends LiveConnection> connections, CaptureListener listener) {
        Map<EventLoop, List<LiveConnection>> byLoop =
                connections.stream().collect(Collectors.groupingBy(LiveConnection::eventLoop));
        byLoop.forEach((loop, group) -> loop.execute(() -> group.forEach(connection -> connection.capture(listener))));
    }

    /**
     * Brings a unit that arrived to life, up to the point where it would read or write.
     *
     * <p>Takes ownership of the unit: on success the descriptors belong to their channels, on failure this process's copies are
     * closed, unread.
     *
     * @param whenDone is called once, on any thread
     * @return to give it up where its event loop takes too long
     */
    public Arrival.Pending adopt(ConnectionUnit unit, Consumer<Arrival> whenDone) {
        return Arriving.adopt(this, unit, whenDone);
    }

    /**
     * Whether this channel's connection was not accepted here but is just arriving, for initializers that build another pipeline
     * then. Event loop only; meaningful while the pipeline is being built.
     */
    public static boolean isArriving(Channel channel) {
        return ArrivingPart.in(channel) != null;
    }

    /**
     * Whether the connection of this channel lives on in another process: its channel here is closed, or about to be, but the
     * peer's connection is not. Ask it in {@code handlerRemoved}, {@code closeFuture()} listeners and wherever a closed channel
     * would end a session, send a will or publish an absence. Any thread.
     */
    public static boolean hasLeft(Channel channel) {
        TrackedConnection connection = TrackedConnection.of(channel);
        return connection != null && connection.hasLeft();
    }

    /**
     * How many writes, closes and events of this process came for connections that another process had taken over already, and
     * had no effect. Any thread.
     */
    public long lateOperations() {
        return late.total();
    }

    LateOperations late() {
        return late;
    }

    /**
     * Says that this version does not take a connection which is just arriving: it is one that its configuration would not have
     * made, a pooled one to a backend that is no longer named, say. The connection stays in the predecessor, which keeps it with this
     * reason until it ends or drains; connections that are linked to it stay, too. To be called by the initializer; event loop only.
     *
     * <p>The other way is to take it and to close it in {@code channelActive} or on {@link ConnectionRestored}: then its peer sees the end at once. Where all
     * connections move together, a refused one calls the upgrade off.
     *
     * @throws IllegalStateException if the connection is not arriving
     */
    public static void refuseArrival(Channel channel, String reason) {
        ArrivingPart arriving = ArrivingPart.in(channel);
        if (arriving == null) {
            throw new IllegalStateException(channel + " is not arriving");
        }
        arriving.refuse(reason);
    }

    /**
     * Whether this connection stands still, until all that moves with it has been taken out or the move is over. Handlers that
     * hold bytes back until it has moved go on doing so. Event loop only.
     */
    public static boolean isStopped(Channel channel) {
        TrackedConnection connection = TrackedConnection.of(channel);
        return connection != null && connection.leader().isStopped();
    }

    /** Every event loop on which connections that the server opened may arrive, and what for. */
    public Map<EventExecutor, String> loops() {
        Map<EventExecutor, String> loops = new LinkedHashMap<>();
        for (MovableInitializer kind : kinds.values()) {
            if (kind.outboundGroup() != null) {
                String what = "an event loop for the connections \"" + kind.kind() + '"';
                kind.outboundGroup().forEach(loop -> loops.putIfAbsent(loop, what));
            }
        }
        return loops;
    }

    /**
     * Explains what a move of this channel's connection would bring. Its handlers are asked as for a move, so that one may hold
     * back what comes in for a moment.
     *
     * <p>Any thread, which waits for the event loop.
     *
     * @throws IllegalStateException if the event loop does not answer for ten seconds
     */
    public static MoveExplanation explain(Channel channel) {
        TrackedConnection connection = TrackedConnection.of(channel);
        if (connection == null) {
            return Explainer.ofNoKind();
        }
        if (channel.eventLoop().inEventLoop()) {
            return Explainer.of(connection);
        }
        Future<MoveExplanation> explained = channel.eventLoop().submit(() -> Explainer.of(connection));
        if (!explained.awaitUninterruptibly(EXPLAIN_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the event loop of " + channel + " does not answer");
        }
        if (explained.cause() != null) {
            throw new IllegalStateException(channel + " cannot be explained", explained.cause());
        }
        return explained.getNow();
    }

    boolean registersQuietly(Channel arriving) {
        return quietly && Quiet.silence(arriving);
    }

    MoveLimits limits() {
        return limits;
    }

    long nextId() {
        return ids.incrementAndGet();
    }

    void add(TrackedConnection connection) {
        if (connection.initializer().isOutbound()) {
            opened.add(connection);
        }
        if (!connection.isMember()) {
            open.add(connection);
        }
        connection.channel().closeFuture().addListener(connection);
    }

    void remove(TrackedConnection connection) {
        open.remove(connection);
        opened.remove(connection);
    }

    /** An opened connection moves by itself from now on, or with another one. */
    void moves(TrackedConnection connection) {
        if (connection.isMember() || !connection.channel().isOpen()) {
            open.remove(connection);
        } else if (opened.contains(connection)) {
            open.add(connection);
        }
    }

    @Nullable
    MovableInitializer kind(String name) {
        return kinds.get(name);
    }

    /** The name of the listener that accepted this channel, also when it is closed by now; empty if it is none of ours. */
    String listenerNameOf(Channel child) {
        Channel parent = child.parent();
        String name = parent == null ? null : listenerNames.computeIfAbsent(parent, this::findListenerName);
        return name == null ? "" : name;
    }

    private @Nullable String findListenerName(Channel serverChannel) {
        for (Listener listener : listeners.all()) {
            if (listener.channel().equals(serverChannel)) {
                return listener.name();
            }
        }
        return null;
    }

    /** A listener of that name; units are spread over all that have it. */
    @Nullable
    Listener listenerFor(String name, long unitId) {
        List<Listener> named = listeners.named(name);
        return named.isEmpty() ? null : named.get((int) Math.floorMod(unitId, (long) named.size()));
    }
}
