package io.fdnetty.internal.listener;

import io.fdnetty.internal.netty.NettyInternals;
import io.netty.channel.Channel;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.epoll.LinuxSocket;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** Linux. */
final class EpollTransport extends Transport {
    static final EpollTransport INSTANCE = new EpollTransport();

    private static final @Nullable MethodHandle NEW_TCP_CHILD =
            NettyInternals.newChildChannel(EpollServerSocketChannel.class);
    private static final @Nullable VarHandle UDP_CONNECTED =
            NettyInternals.field(EpollDatagramChannel.class, "connected", boolean.class);

    private EpollTransport() {}

    @Override
    Channel newTcpChild(Channel listener, int fd, InetSocketAddress remote) {
        Channel child = child(NEW_TCP_CHILD, listener, fd, Addresses.encode(remote));
        return child != null ? child : newTcpConnection(fd);
    }

    @Override
    Channel newUnixChild(Channel listener, int fd) {
        return new EpollDomainSocketChannel(listener, LinuxSocket.newSocket(fd));
    }

    @Override
    Channel newTcpConnection(int fd) {
        return new EpollSocketChannel(fd);
    }

    @Override
    Channel newUnixConnection(int fd) {
        return new EpollDomainSocketChannel(fd);
    }

    @Override
    ServerChannel openTcpListener() {
        return new EpollServerSocketChannel();
    }

    @Override
    Channel openUdp() {
        return new EpollDatagramChannel();
    }

    @Override
    ServerChannel adoptTcpListener(int fd) {
        return new EpollServerSocketChannel(fd);
    }

    /**
     * With the one argument it would be inactive for ever; with both it does not know its path, so that it cannot
     * delete it.
     */
    @Override
    ServerChannel adoptUnixListener(int fd) {
        return new EpollServerDomainSocketChannel(fd, true);
    }

    @Override
    Channel adoptUdp(int fd) {
        EpollDatagramChannel channel = new EpollDatagramChannel(fd);
        if (UDP_CONNECTED != null && channel.remoteAddress() != null) {
            UDP_CONNECTED.setVolatile(channel, true); // the constructor does not look
        }
        return channel;
    }
}
