package io.fdnetty.internal.listener;

import io.fdnetty.fd.Descriptor;
import io.fdnetty.fd.SocketKind;
import io.fdnetty.internal.netty.NettyInternals;
import io.fdnetty.internal.sys.OneLine;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.io.IOException;
import java.net.BindException;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * All listeners and UDP sockets of one server, whether they start cold or were inherited.
 *
 * <p>Thread-safe. The factories give channels that bind as usual and neither accept nor fire channelActive before
 * {@link #releaseAll}. A channel owns its socket; what is left in the table stays the table's.
 *
 * <pre>
 *         releaseAll          stopAll            retireAll            closeAll
 * held ──────────────▶ accepting ──────▶ stopped ──────────▶ retired ─────────▶ closed
 *                          ◀────────────
 *                            resumeAll
 * </pre>
 */
public final class Listeners {
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(Listeners.class);

    private final InheritedSockets inherited;
    private final Transport transport;
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    /** Why channels closed that were never bound, by the name of their listener. */
    private final Map<String, String> failures = new ConcurrentHashMap<>();

    private volatile Supplier<String> inUse = () -> "";
    private volatile boolean released;
    private volatile boolean stopped;
    private volatile boolean retired;

    /** Listeners that are claimed from this table, by name and kind, and opened if they are not in it. */
    public Listeners(InheritedSockets inherited) {
        this.inherited = inherited;
        this.transport = Transport.current();
    }

    /** What to add to the message when an address is in use already. */
    public void explainInUse(Supplier<String> why) {
        inUse = why;
    }

    /**
     * A factory of TCP server channels for {@code ServerBootstrap.channelFactory} and whatever takes one.
     *
     * <p>Each channel claims one inherited socket of this name, in the order of their creation, as long as there are
     * any. Its {@code bind} accepts the inherited address, or the same host and port 0.
     */
    public ChannelFactory<ServerChannel> tcp(String name) {
        return () -> (ServerChannel) newChannel(name, SocketKind.TCP_LISTENER);
    }

    /**
     * A factory of unix server channels; like {@link #tcp}.
     *
     * <p>The socket file is never deleted when the channel closes. A bind removes a file on which nobody listens any
     * more.
     */
    public ChannelFactory<ServerChannel> unix(String name) {
        return () -> (ServerChannel) newChannel(name, SocketKind.UNIX_LISTENER);
    }

    /** A factory of UDP channels; like {@link #tcp}. An inherited connected socket stays connected. */
    public ChannelFactory<Channel> udp(String name) {
        return () -> newChannel(name, SocketKind.UDP);
    }

    private Channel newChannel(String name, SocketKind kind) {
        if (retired) {
            throw new IllegalStateException("listener '" + name + "': the successor has the listeners");
        }
        InheritedSocket socket = inherited.claim(name, kind).orElse(null);
        Listener listener = socket == null ? cold(name, kind) : adopt(socket, new AcceptedChannels());
        add(listener, null);
        return listener.channel();
    }

    private Listener cold(String name, SocketKind kind) {
        return new Listener(name, kind, transport.open(kind), null, new AcceptedChannels(), transport);
    }

    /** Takes ownership of the socket: the channel has it if this returns, it is closed if this throws. */
    private Listener adopt(InheritedSocket socket, AcceptedChannels children) {
        try (Descriptor descriptor = socket.descriptor()) {
            descriptor.makeNonBlocking();
            SocketAddress address = Addresses.local(socket.kind(), descriptor.peek());
            if (address == null) {
                throw new IOException("it is not bound");
            }
            FileDescriptor fd = descriptor.peek();
            Channel channel = transport.adopt(socket.kind(), fd.intValue());
            descriptor.take();
            return new Listener(socket.name(), socket.kind(), channel, address, children, transport);
        } catch (IOException e) {
            throw new ChannelException("inherited listener " + socket.label() + " cannot be adopted", e);
        }
    }

    private void add(Listener listener, @Nullable Channel acceptor) {
        Channel channel = listener.channel();
        channel.pipeline()
                .addFirst(
                        ListenerGate.NAME,
                        new ListenerGate(listener, this::isAccepting, this::explained, acceptor, () -> inUse.get()));
        channel.closeFuture().addListener(closed -> removed(listener));
        listeners.removeIf(this::hasFailed); // no close future tells of these
        listeners.add(listener);
    }

    private boolean hasFailed(Listener listener) {
        boolean failed = !listener.channel().isOpen() && !listener.isBound();
        if (failed) {
            keepFailure(listener);
        }
        return failed;
    }

    private void keepFailure(Listener listener) {
        Throwable cause = listener.failure();
        failures.putIfAbsent(
                listener.name(),
                cause == null ? "its channel was closed first, the future of its bind() says why" : cause.toString());
    }

    /** Why a bind failed, if it is because the predecessor's listener there had another name. */
    private Throwable explained(Listener listener, SocketAddress asked, Throwable cause) {
        return inherited
                .nameAt(listener.kind(), asked)
                .map(name -> new BindException("listener '" + listener.name() + "' cannot be bound to " + asked
                                + ", where the predecessor's listener '" + name
                                + "' is bound: has it been renamed? Go on with its old name, or bind another address")
                        .initCause(cause))
                .orElse(cause);
    }

    private void removed(Listener listener) {
        if (!listener.isBound()) {
            keepFailure(listener);
        }
        listener.closed();
        listeners.remove(listener);
        if (listener.isInherited() && !released) {
            inherited.giveUp(listener.name() + " (" + listener.kind() + " " + listener.inherited() + ")");
        }
    }

    private boolean isAccepting() {
        return released && !stopped && !retired;
    }

    /** Completes when the bind of every listener that was made until now has succeeded or failed; on any thread. */
    public CompletableFuture<Void> whenBound() {
        List<CompletableFuture<@Nullable Void>> waiting = new ArrayList<>();
        for (Listener listener : listeners) {
            if (!hasFailed(listener)) {
                waiting.add(listener.settled());
            }
        }
        return CompletableFuture.allOf(waiting.toArray(CompletableFuture[]::new));
    }

    /**
     * Why a listener cannot accept, in one line: none of its name is bound.
     *
     * @return null if there is none such
     */
    public @Nullable String whyNotBound() {
        for (Map.Entry<String, String> failed : failures.entrySet()) {
            if (named(failed.getKey()).isEmpty()) {
                return notBound(failed.getKey(), failed.getValue());
            }
        }
        for (Listener listener : listeners) {
            if (named(listener.name()).isEmpty()) {
                Throwable cause = listener.failure();
                return notBound(listener.name(), cause == null ? "its bind() has not completed" : cause.toString());
            }
        }
        return null;
    }

    private static String notBound(String name, String reason) {
        return OneLine.of("listener \"" + name + "\" is not bound: " + reason);
    }

    /** The bound listeners, in the order in which their channels were made. */
    public List<Listener> all() {
        return listeners.stream()
                .filter(listener -> listener.isBound() && listener.channel().isOpen())
                .toList();
    }

    /**
     * Every event loop that accepts for a bound listener or serves its children, as far as it can be seen, and what
     * for.
     */
    public Map<EventExecutor, String> loops() {
        Map<EventExecutor, String> loops = new LinkedHashMap<>();
        for (Listener listener : all()) {
            String name = "listener \"" + listener.name() + '"';
            loops.putIfAbsent(listener.channel().eventLoop(), "the event loop of " + name);
            for (Map.Entry<String, ChannelHandler> each : listener.channel().pipeline()) {
                EventLoopGroup children = NettyInternals.childGroup(each.getValue());
                if (children != null) {
                    children.forEach(loop -> loops.putIfAbsent(loop, "an event loop for the connections of " + name));
                }
            }
        }
        return loops;
    }

    /** The bound listeners of this name. */
    public List<Listener> named(String name) {
        return all().stream().filter(listener -> listener.name().equals(name)).toList();
    }

    /**
     * Lets them accept, those that are made later too; at cut-over, or when a cold start is ready.
     *
     * <p>An inherited socket that nobody claimed and that has the name, the kind and the address of one that was
     * (SO_REUSEPORT, with fewer event loops than before) gets a channel of its own, whose connections go through that
     * one's acceptor.
     */
    public void releaseAll() {
        released = true;
        for (Listener first : all()) {
            adoptLeftOvers(first);
        }
        updateAll();
    }

    private void adoptLeftOvers(Listener first) {
        for (; ; ) {
            InheritedSocket socket =
                    inherited.claim(candidate -> isSibling(candidate, first)).orElse(null);
            if (socket == null) {
                return;
            }
            adoptLeftOver(socket, first);
        }
    }

    private static boolean isSibling(InheritedSocket candidate, Listener first) {
        return candidate.kind() == first.kind()
                && candidate.name().equals(first.name())
                && first.address()
                        .equals(Addresses.local(
                                candidate.kind(), candidate.descriptor().peek()));
    }

    private void adoptLeftOver(InheritedSocket socket, Listener first) {
        Listener leftOver;
        try {
            leftOver = adopt(socket, first.ownedChildren());
        } catch (ChannelException e) {
            logger.error("What waits in the queue of a left-over listener is lost", e);
            return;
        }
        Channel channel = leftOver.channel();
        copyBacklog(first.channel(), channel);
        add(leftOver, first.channel());
        channel.pipeline().addLast(new PauseOnError());
        first.channel().closeFuture().addListener(closed -> channel.close());
        first.channel().eventLoop().register(channel).addListener((ChannelFutureListener) registered -> {
            if (!registered.isSuccess()) {
                logger.error("Left-over listener {} is not served", socket.label(), registered.cause());
            }
        });
    }

    /** UDP sockets have none. */
    private static void copyBacklog(Channel from, Channel to) {
        Integer backlog = from.config().getOption(ChannelOption.SO_BACKLOG);
        if (backlog != null) {
            to.config().setOption(ChannelOption.SO_BACKLOG, backlog);
        }
    }

    /**
     * Stops accepting and reading, on the listeners' loops.
     *
     * <p>Idempotent. The listening sockets stay open and their queues fill.
     *
     * @return completes when every connection that was accepted is registered: none is on its way from an acceptor to
     *     its event loop any more. An acceptor that returns without having given a child to an event loop is not waited
     *     for.
     */
    public CompletionStage<Void> stopAll() {
        return haltAll().thenCompose(halted -> settled());
    }

    /** The first half of {@link #stopAll}: none of them accepts any more when this completes. */
    public CompletionStage<Void> haltAll() {
        stopped = true;
        return updateAll();
    }

    /** Completes when all that was accepted until now is registered. An event loop that does not answer delays it. */
    public CompletionStage<Void> settled() {
        return EventLoops.all(each(listener -> listener.ownedChildren().settled()));
    }

    /** Undoes {@link #stopAll}; has no effect once they are retired. */
    public void resumeAll() {
        stopped = false;
        updateAll();
    }

    /**
     * Closes our copies of the sockets: the successor has its own, so that no queue is reset and no unix path removed.
     *
     * <p>Terminal. The channels themselves stay until {@link #closeAll}: a server whose main waits for a close future
     * and then shuts its event loops down would kill the connections that still drain.
     *
     * @return completes when the copies are closed
     */
    public CompletionStage<Void> retireAll() {
        retired = true;
        return EventLoops.all(each(this::retire));
    }

    private CompletableFuture<Void> retire(Listener listener) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        EventLoop loop = EventLoops.of(listener.channel());
        try {
            if (loop == null) {
                closeCopy(listener, done);
            } else {
                loop.execute(() -> deregisterAndClose(listener, done));
            }
        } catch (RejectedExecutionException e) {
            closeCopy(listener, done); // the loop has ended
        }
        return done;
    }

    /** The epoll entry of a descriptor that is closed while another process has a copy would live on. */
    private static void deregisterAndClose(Listener listener, CompletableFuture<Void> done) {
        Channel channel = listener.channel();
        channel.unsafe().deregister(channel.newPromise().addListener(deregistered -> closeCopy(listener, done)));
    }

    private static void closeCopy(Listener listener, CompletableFuture<Void> done) {
        EventLoops.closeQuietly(listener.fd());
        done.complete(null);
    }

    /** Closes the channels, so that their close futures complete; for the end of the drain. */
    public CompletionStage<Void> closeAll() {
        retired = true;
        return EventLoops.all(each(this::close));
    }

    /** Completes when the author, or {@link #closeAll}, has closed those that are open now. */
    public CompletionStage<Void> closed() {
        return EventLoops.all(each(Listeners::closed));
    }

    private static CompletableFuture<Void> closed(Listener listener) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        listener.channel().closeFuture().addListener(closed -> done.complete(null));
        return done;
    }

    private CompletableFuture<Void> close(Listener listener) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        EventLoop loop = EventLoops.of(listener.channel());
        if (loop == null || loop.isShutdown()) {
            closeCopy(listener, done); // no close future would ever tell
            return done;
        }
        listener.channel().close();
        return closed(listener);
    }

    private CompletableFuture<Void> updateAll() {
        return EventLoops.all(each(Listeners::update));
    }

    private static CompletableFuture<Void> update(Listener listener) {
        ChannelHandlerContext ctx = listener.channel().pipeline().context(ListenerGate.NAME);
        EventLoop loop = EventLoops.of(listener.channel());
        if (ctx == null || loop == null) {
            return CompletableFuture.completedFuture(null); // not registered yet: it looks when it is bound
        }
        return EventLoops.run(loop, () -> ((ListenerGate) ctx.handler()).update(ctx));
    }

    private List<CompletableFuture<Void>> each(Function<Listener, CompletableFuture<Void>> step) {
        List<CompletableFuture<Void>> steps = new ArrayList<>();
        for (Listener listener : listeners) {
            steps.add(step.apply(listener));
        }
        return steps;
    }
}
