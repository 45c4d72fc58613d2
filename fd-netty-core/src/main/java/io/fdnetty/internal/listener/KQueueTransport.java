package io.fdnetty.internal.listener;

import io.fdnetty.internal.netty.NettyInternals;
import io.netty.channel.Channel;
import io.netty.channel.ServerChannel;
import io.netty.channel.kqueue.KQueueDatagramChannel;
import io.netty.channel.kqueue.KQueueDomainSocketChannel;
import io.netty.channel.kqueue.KQueueServerDomainSocketChannel;
import io.netty.channel.kqueue.KQueueServerSocketChannel;
import io.netty.channel.kqueue.KQueueSocketChannel;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** macOS and the BSDs. Written from Netty's source and never run. */
final class KQueueTransport extends Transport {
    static final KQueueTransport INSTANCE = new KQueueTransport();

    private static final byte[] NO_ADDRESS = {};
    private static final @Nullable MethodHandle NEW_TCP_CHILD =
            NettyInternals.newChildChannel(KQueueServerSocketChannel.class);
    private static final @Nullable MethodHandle NEW_UNIX_CHILD =
            NettyInternals.newChildChannel(KQueueServerDomainSocketChannel.class);
    private static final @Nullable VarHandle ACTIVE = NettyInternals.field(
            KQueueServerDomainSocketChannel.class.getSuperclass().getSuperclass(), "active", boolean.class);
    private static final @Nullable VarHandle UDP_CONNECTED =
            NettyInternals.field(KQueueDatagramChannel.class, "connected", boolean.class);

    private KQueueTransport() {}

    @Override
    Channel newTcpChild(Channel listener, int fd, InetSocketAddress remote) {
        Channel child = child(NEW_TCP_CHILD, listener, fd, Addresses.encode(remote));
        return child != null ? child : newTcpConnection(fd);
    }

    @Override
    Channel newUnixChild(Channel listener, int fd) {
        Channel child = child(NEW_UNIX_CHILD, listener, fd, NO_ADDRESS);
        return child != null ? child : newUnixConnection(fd);
    }

    @Override
    Channel newTcpConnection(int fd) {
        return new KQueueSocketChannel(fd);
    }

    @Override
    Channel newUnixConnection(int fd) {
        return new KQueueDomainSocketChannel(fd);
    }

    @Override
    ServerChannel openTcpListener() {
        return new KQueueServerSocketChannel();
    }

    @Override
    Channel openUdp() {
        return new KQueueDatagramChannel();
    }

    @Override
    ServerChannel adoptTcpListener(int fd) {
        return new KQueueServerSocketChannel(fd);
    }

    /**
     * Its only constructor for a descriptor makes it inactive; an inactive one fires no channelActive, so that nothing
     * reads.
     */
    @Override
    ServerChannel adoptUnixListener(int fd) {
        if (ACTIVE == null) {
            throw new UnsupportedOperationException("A unix listener cannot be adopted on kqueue: run with --add-opens"
                    + " io.netty.transport.classes.kqueue/io.netty.channel.kqueue=io.fdnetty.core");
        }
        KQueueServerDomainSocketChannel channel = new KQueueServerDomainSocketChannel(fd);
        ACTIVE.setVolatile(channel, true);
        return channel;
    }

    @Override
    Channel adoptUdp(int fd) {
        KQueueDatagramChannel channel = new KQueueDatagramChannel(fd);
        if (UDP_CONNECTED != null && channel.remoteAddress() != null) {
            UDP_CONNECTED.setVolatile(channel, true); // the constructor does not look
        }
        return channel;
    }
}
