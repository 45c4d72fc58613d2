package io.fdnetty.internal.connection;

import static java.util.Objects.requireNonNull;

import io.fdnetty.LinkedConnections;
import io.fdnetty.internal.gate.AnswerGuard;
import io.fdnetty.internal.handler.Advice;
import io.fdnetty.internal.listener.Listener;
import io.fdnetty.internal.listener.Listeners;
import io.fdnetty.internal.netty.SilentRegistration;
import io.fdnetty.internal.protocol.MessageLimits;
import io.fdnetty.move.MoveOptions;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The open connections of one server that can move: those that leave and those that arrive. Thread-safe.
 *
 * <p>A connection that is not on the move costs next to nothing on its data path: at most an {@link AnswerGuard} is in
 * its pipeline.
 */
public final class LiveConnections {

    private final Listeners listeners;
    private final MoveLimits limits;
    private final AtomicLong ids = new AtomicLong();
    private final Map<String, MovableInitializer> kinds = new ConcurrentHashMap<>();
    private final Map<Channel, String> listenerNames = new ConcurrentHashMap<>();
    /** The units: all but those that move with a leader. */
    private final Set<TrackedConnection> open = ConcurrentHashMap.newKeySet();

    private final Set<TrackedConnection> opened = ConcurrentHashMap.newKeySet();
    private final LateOperations late = new LateOperations();
    private final Consumer<TrackedConnection> first;
    private final boolean quietly;

    /** @param first is given the first connection of each kind, on its event loop, once it is up */
    public LiveConnections(Listeners listeners, MoveLimits limits, Consumer<TrackedConnection> first) {
        this(listeners, limits, first, true);
    }

    /**
     * For tests.
     *
     * @param quietly false to do what is done where {@link SilentRegistration} does not work
     */
    public LiveConnections(Listeners listeners, MoveLimits limits, Consumer<TrackedConnection> first, boolean quietly) {
        this.first = requireNonNull(first, "first");
        this.quietly = quietly;
        this.listeners = requireNonNull(listeners, "listeners");
        this.limits = requireNonNull(limits, "limits");
    }

    /**
     * What to give to {@code ServerBootstrap.childHandler}: it brings up accepted and arriving connections with the
     * author's handler and makes them known here.
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
     * What to give to {@code Bootstrap.handler}: connections that the server opens itself become movable, each as a
     * unit of its own or {@linkplain LinkedConnections linked} to an accepted one.
     *
     * <p>An arriving one has no parent, and the options of the bootstrap were never set on it: the handler sets those
     * that it needs on the channel's configuration.
     *
     * @param kind names this kind of connection, the same in both versions of the program; no movable kind has the same
     *     name
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
        Advice.check(initializer.options());
        if (kinds.putIfAbsent(initializer.kind(), initializer) != null) {
            throw new IllegalArgumentException(
                    "connections of the kind \"" + initializer.kind() + "\" are movable already");
        }
        return initializer;
    }

    /** A view of the open connections of all kinds, without those that are linked to another one and move with it. */
    public Collection<TrackedConnection> open() {
        return Collections.unmodifiableSet(open);
    }

    /** A view of the open connections that the server opened itself, linked or not. */
    public Collection<TrackedConnection> opened() {
        return Collections.unmodifiableSet(opened);
    }

    /**
     * How many writes, closes and events of this process came for connections that another process had taken over
     * already, and had no effect. Any thread.
     */
    public long lateOperations() {
        return late.total();
    }

    LateOperations late() {
        return late;
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

    void explainFirst(TrackedConnection connection) {
        first.accept(connection);
    }

    public boolean registersQuietly(Channel arriving) {
        return quietly && SilentRegistration.silence(arriving);
    }

    public MoveLimits limits() {
        return limits;
    }

    long nextId() {
        return ids.incrementAndGet();
    }

    public void add(TrackedConnection connection) {
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
    public MovableInitializer kind(String name) {
        return kinds.get(name);
    }

    /**
     * The name of the listener that accepted this channel, also when it is closed by now; empty if it is none of ours.
     */
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
    public Listener listenerFor(String name, long unitId) {
        List<Listener> named = listeners.named(name);
        return named.isEmpty() ? null : named.get((int) Math.floorMod(unitId, (long) named.size()));
    }
}
