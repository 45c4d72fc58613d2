package io.fdnetty.internal.listener;

import io.fdnetty.fd.SocketKind;
import io.fdnetty.internal.netty.NettyInternals;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.io.IOException;
import java.net.BindException;
import java.net.SocketAddress;
import java.nio.channels.AlreadyConnectedException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The first handler of a listener's channel: completes its bind without binding what is bound already, and lets it read
 * only while the server accepts.
 *
 * <p>Runs on the channel's loop. All reading passes {@link #read}, so that nothing else, a {@code setAutoRead(true)} of
 * an acceptor that recovers from too many open files, say, makes a stopped listener accept.
 */
final class ListenerGate extends ChannelDuplexHandler {
    static final String NAME = "fd-netty-listener";

    private static final InternalLogger logger = InternalLoggerFactory.getInstance(ListenerGate.class);

    private final Listener listener;
    private final BooleanSupplier accepting;
    private final Explanation explanation;
    private final @Nullable Channel acceptor;
    private final Supplier<String> inUse;
    private boolean running;
    private boolean reading;
    private boolean activeHeld;
    private boolean readHeld;

    /** Knows better than the kernel why a bind has failed. */
    interface Explanation {
        /** What to say instead of {@code cause}, or the cause itself. */
        Throwable of(Listener listener, SocketAddress asked, Throwable cause);
    }

    /**
     * One for each channel.
     *
     * @param accepting whether the server accepts now; {@link #update} follows it
     * @param acceptor the channel whose pipeline takes what this one reads; null for its own
     * @param inUse what to add to the message when the address is in use
     */
    ListenerGate(
            Listener listener,
            BooleanSupplier accepting,
            Explanation explanation,
            @Nullable Channel acceptor,
            Supplier<String> inUse) {
        this.listener = listener;
        this.accepting = accepting;
        this.explanation = explanation;
        this.acceptor = acceptor;
        this.inUse = inUse;
    }

    @Override
    public void bind(ChannelHandlerContext ctx, SocketAddress address, ChannelPromise promise) {
        follow(promise);
        if (listener.isInherited()) {
            adopt(ctx, address, promise);
        } else if (address instanceof DomainSocketAddress path) {
            bindUnix(ctx, path, promise);
        } else {
            ctx.bind(address, openedThen(ctx, promise, cause -> explanation.of(listener, address, cause)));
        }
    }

    /** Nobody may look at the promise; whoever waits for the listener should know. */
    private void follow(ChannelPromise promise) {
        promise.addListener(done -> listener.settled(done.cause()));
    }

    private void adopt(ChannelHandlerContext ctx, SocketAddress asked, ChannelPromise promise) {
        SocketAddress inherited = listener.inherited();
        if (!promise.setUncancellable()) {
            return;
        }
        if (inherited == null || listener.isBound() || !Addresses.fits(asked, inherited)) {
            promise.setFailure(mismatch(asked, inherited));
            return;
        }
        opened(ctx, inherited);
        promise.setSuccess();
    }

    private BindException mismatch(SocketAddress asked, @Nullable SocketAddress inherited) {
        if (listener.isBound()) {
            return new BindException("listener '" + listener.name() + "' is bound to " + inherited + " already");
        }
        return new BindException("listener '" + listener.name() + "' was inherited and is bound to " + inherited
                + ", so it cannot be bound to " + asked + ": bind the same address, or the same host and port 0,"
                + " to go on with it; a new address needs a listener of another name");
    }

    /** The descriptor is bound and not the channel, which would delete the file when it closes. */
    private void bindUnix(ChannelHandlerContext ctx, DomainSocketAddress path, ChannelPromise promise) {
        if (!promise.setUncancellable()) {
            return;
        }
        try {
            UnixPaths.removeStale(path);
            listener.socket().bind(path);
            listener.socket().listen(ctx.channel().config().getOption(ChannelOption.SO_BACKLOG));
        } catch (IOException | RuntimeException e) {
            promise.setFailure(explained(explanation.of(listener, path, e)));
            return;
        }
        opened(ctx, path);
        promise.setSuccess();
    }

    /** A connected UDP socket stays connected; its author connects it again without knowing. */
    @Override
    public void connect(ChannelHandlerContext ctx, SocketAddress remote, SocketAddress local, ChannelPromise promise) {
        follow(promise);
        SocketAddress inherited = listener.inherited();
        SocketAddress peer = ctx.channel().remoteAddress();
        if (inherited == null || (listener.isBound() && peer == null)) {
            ctx.connect(remote, local, openedThen(ctx, promise, cause -> cause));
        } else if (!remote.equals(peer)) {
            promise.setFailure(alreadyConnected(remote, peer));
        } else if (promise.setUncancellable()) {
            opened(ctx, inherited);
            promise.setSuccess();
        }
    }

    private Exception alreadyConnected(SocketAddress remote, @Nullable SocketAddress peer) {
        IllegalStateException state = new IllegalStateException("'" + listener.name() + "' was inherited and is "
                + (peer == null ? "not connected" : "connected to " + peer) + ", so it cannot be connected to " + remote
                + ": that would change the predecessor's socket");
        return peer == null ? state : (Exception) new AlreadyConnectedException().initCause(state);
    }

    /** A promise that passes on what becomes of it, success only after the listener is known as bound. */
    private ChannelPromise openedThen(
            ChannelHandlerContext ctx, ChannelPromise promise, UnaryOperator<Throwable> failure) {
        ChannelPromise inner = ctx.newPromise();
        if (!promise.setUncancellable()) {
            inner.cancel(false);
        }
        return inner.addListener(done -> {
            if (done.isSuccess()) {
                opened(ctx, ctx.channel().localAddress());
                promise.setSuccess();
            } else {
                promise.tryFailure(explained(failure.apply(done.cause())));
            }
        });
    }

    /** Who cannot have an address wants to know what has become of the server that has it. */
    private Throwable explained(Throwable failure) {
        String message = String.valueOf(failure.getMessage());
        String why = message.contains("in use") ? inUse.get() : "";
        return why.isEmpty() ? failure : new BindException(message + why).initCause(failure);
    }

    /** The socket is bound: from now on it is one of the server's listeners. */
    private void opened(ChannelHandlerContext ctx, SocketAddress address) {
        if (listener.kind() == SocketKind.UNIX_LISTENER) {
            NettyInternals.localAddress(ctx.channel(), address);
        }
        listener.bound(address);
        update(ctx);
    }

    /** A left-over socket has nobody who would bind it. */
    @Override
    public void channelRegistered(ChannelHandlerContext ctx) {
        ctx.fireChannelRegistered();
        SocketAddress inherited = listener.inherited();
        if (acceptor != null && inherited != null && !listener.isBound()) {
            opened(ctx, inherited);
        }
    }

    /** Follows the server: starts or stops reading. */
    void update(ChannelHandlerContext ctx) {
        boolean run = listener.isBound() && accepting.getAsBoolean();
        if (run != running && ctx.channel().isOpen()) {
            running = run;
            if (run) {
                start(ctx);
            } else {
                stop(ctx.channel().config());
            }
        }
    }

    private void start(ChannelHandlerContext ctx) {
        listenAgain(ctx.channel());
        if (activeHeld) {
            activeHeld = false;
            ctx.fireChannelActive();
        }
        if (readHeld && running) {
            readHeld = false;
            reading = true;
            ctx.read();
        }
    }

    /**
     * The backlog is a property of the socket, which another process may have set: whoever starts to accept sets its
     * own.
     *
     * <p>Not at the bind: a successor that is not ready yet changes nothing. A second listen(2) drops nothing of what
     * is queued.
     */
    private void listenAgain(Channel channel) {
        if (listener.kind() == SocketKind.UDP) {
            return;
        }
        try {
            listener.socket().listen(channel.config().getOption(ChannelOption.SO_BACKLOG));
        } catch (IOException e) {
            logger.warn("{} keeps the backlog that it has", listener, e);
        }
    }

    /**
     * Flips autoRead there and back: the only door to Netty's read interest; {@link #read} holds what that asks for.
     */
    private void stop(ChannelConfig config) {
        boolean wasReading = reading;
        boolean auto = config.isAutoRead();
        config.setAutoRead(!auto);
        config.setAutoRead(auto);
        reading = false;
        readHeld = auto || wasReading;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        if (running) {
            ctx.fireChannelActive();
        } else {
            activeHeld = true;
        }
    }

    @Override
    public void read(ChannelHandlerContext ctx) {
        if (running) {
            reading = true;
            ctx.read();
        } else {
            readHeld = true;
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        if (acceptor != null) {
            acceptor.pipeline().fireChannelRead(msg);
        } else if (msg instanceof Channel child && listener.kind() != SocketKind.UDP) {
            listener.ownedChildren().add(child);
            HalfClosure.prepare(child);
            ctx.fireChannelRead(child);
            listener.ownedChildren().handedOn(child);
        } else {
            ctx.fireChannelRead(msg);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        reading = false;
        if (acceptor != null) {
            acceptor.pipeline().fireChannelReadComplete();
        } else {
            ctx.fireChannelReadComplete();
        }
    }
}
