package io.fdnetty.internal.listener;

import io.fdnetty.fd.Descriptor;
import io.fdnetty.fd.SocketKind;
import io.fdnetty.internal.netty.NettyInternals;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One listening socket, or UDP socket, and the channel that serves it.
 *
 * <p>Thread-safe. Lives as long as its channel; {@link Listeners} knows it from its bind to its close.
 */
public final class Listener {
    private final String name;
    private final SocketKind kind;
    private final Channel channel;
    private final @Nullable SocketAddress inherited;
    private final AcceptedChannels children;
    private final Transport transport;
    private final CompletableFuture<@Nullable Void> settled = new CompletableFuture<>();
    private volatile @Nullable SocketAddress address;
    private volatile @Nullable Throwable failure;

    /**
     * Made with its channel, before that is registered.
     *
     * @param inherited the address of the inherited socket, null for one that starts cold
     * @param children shared with another listener of the same name if its acceptor serves this one too
     */
    Listener(
            String name,
            SocketKind kind,
            Channel channel,
            @Nullable SocketAddress inherited,
            AcceptedChannels children,
            Transport transport) {
        this.name = name;
        this.kind = kind;
        this.channel = channel;
        this.inherited = inherited;
        this.children = children;
        this.transport = transport;
    }

    /** The name under which it passes from process to process. */
    public String name() {
        return name;
    }

    /** What it is: a TCP listener, a unix listener or a UDP socket. */
    public SocketKind kind() {
        return kind;
    }

    /** What it is bound to. A unix listener's channel may not know this itself. */
    public SocketAddress address() {
        SocketAddress bound = address;
        if (bound == null) {
            throw new IllegalStateException("listener '" + name + "' is not bound");
        }
        return bound;
    }

    /** Whether the socket came from a predecessor. */
    public boolean isInherited() {
        return inherited != null;
    }

    /** The channel that the factory returned; for a left-over socket of a name, one of our own. */
    public Channel channel() {
        return channel;
    }

    /**
     * The socket, to be sent.
     *
     * <p>The channel stays its owner and must stay open until the write is done.
     */
    public Descriptor borrow() {
        return Descriptor.borrow(fd(), name);
    }

    /** The open connections that it accepted or that were delivered to it; a live view. */
    public Collection<Channel> children() {
        return children.view();
    }

    /**
     * Makes an unregistered channel for a connection that arrives from the predecessor, as if this listener had
     * accepted it.
     *
     * <p>Takes ownership of the descriptor: the channel owns it if this returns, it is closed if this throws. The
     * descriptor is made non-blocking. {@code parent()} of the channel is this listener's channel; null where Netty's
     * internals cannot be reached.
     *
     * @throws IOException if it is no connection of this listener's kind, or died on the way (the peer reset it)
     */
    public Channel newChild(Descriptor connection) throws IOException {
        try (connection) {
            connection.makeNonBlocking();
            LiveSocketCheck arrival = LiveSocketCheck.check(connection, kind);
            FileDescriptor fd = connection.take();
            return closingOnFailure(fd, arrival);
        }
    }

    private Channel closingOnFailure(FileDescriptor fd, LiveSocketCheck arrival) {
        boolean owned = false;
        try {
            InetSocketAddress remote = arrival.remote();
            Channel child = remote == null
                    ? transport.newUnixChild(channel, fd.intValue())
                    : transport.newTcpChild(channel, fd.intValue(), remote);
            owned = true;
            return child;
        } finally {
            if (!owned) {
                EventLoops.closeQuietly(fd);
            }
        }
    }

    /**
     * Hands a child to this listener's acceptor, which gives it the pipeline and the event loop that it gives to every
     * accepted connection.
     *
     * <p>Any thread. The child is one of {@link #newChild}, or one that was deregistered and comes back: the acceptor
     * adds its handler once more and registers it again; Netty fires no second channelActive then.
     *
     * @return done when the acceptor has returned, which may be before the registration; on failure the caller still
     *     owns the child
     */
    public ChannelFuture deliver(Channel child) {
        ChannelPromise done = channel.newPromise();
        if (channel.eventLoop().inEventLoop()) {
            deliver(child, done);
        } else {
            channel.eventLoop().execute(() -> deliver(child, done));
        }
        return done;
    }

    private void deliver(Channel child, ChannelPromise done) {
        if (child.isRegistered()) {
            done.setFailure(new IllegalStateException(child + " is still registered"));
        } else if (!channel.isRegistered() || !child.isOpen()) {
            done.setFailure(new ClosedChannelException());
        } else {
            if (EventLoops.of(child) != null) {
                NettyInternals.park(child, channel.eventLoop());
            }
            channel.pipeline().fireChannelRead(child);
            done.setSuccess();
        }
    }

    AcceptedChannels ownedChildren() {
        return children;
    }

    @Nullable
    SocketAddress inherited() {
        return inherited;
    }

    boolean isBound() {
        return address != null;
    }

    void bound(SocketAddress to) {
        address = to;
    }

    /** Whoever asked for its bind knows how it ended. */
    void settled(@Nullable Throwable cause) {
        failure = cause;
        settled.complete(null);
    }

    /** Its channel is closed, bound or not. */
    void closed() {
        settled.complete(null);
    }

    /** Completes when it is bound, or when its bind has failed; on any thread. */
    CompletableFuture<@Nullable Void> settled() {
        return settled;
    }

    /** Why its bind failed; null if it did not. */
    @Nullable
    Throwable failure() {
        return failure;
    }

    FileDescriptor fd() {
        return ((UnixChannel) channel).fd();
    }

    /** The channel's own socket, for calls that change what the channel does not need to know. */
    Socket socket() {
        return (Socket) fd();
    }

    @Override
    public String toString() {
        return name + " (" + kind + " " + address + ")";
    }
}
