package io.fdnetty.internal.listener;

import io.fdnetty.fd.SocketKind;
import io.fdnetty.internal.sys.NativeLibrary;
import io.netty.channel.Channel;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.kqueue.KQueue;
import io.netty.channel.unix.Socket;
import java.lang.invoke.MethodHandle;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The channels of one native transport, epoll or kqueue, that can be made from a descriptor.
 *
 * <p>A method that is given a descriptor number takes ownership of it when it returns; if it throws, the caller still
 * owns it.
 */
abstract class Transport {
    /** The transport of this platform. */
    static Transport current() {
        if (Epoll.isAvailable()) {
            return EpollTransport.INSTANCE;
        }
        if (KQueue.isAvailable()) {
            return KQueueTransport.INSTANCE;
        }
        UnsupportedOperationException none = new UnsupportedOperationException(NativeLibrary.advice());
        none.addSuppressed(Epoll.unavailabilityCause());
        none.addSuppressed(KQueue.unavailabilityCause());
        throw none;
    }

    /**
     * A new channel; TCP and UDP are bound as usual, a unix listener is adopted unbound and has to be bound by its
     * descriptor.
     */
    final Channel open(SocketKind kind) {
        return switch (kind) {
            case TCP_LISTENER -> openTcpListener();
            case UDP -> openUdp();
            case UNIX_LISTENER -> openUnixListener();
            default -> throw new IllegalArgumentException("neither a listener nor UDP: " + kind);
        };
    }

    private ServerChannel openUnixListener() {
        Socket socket = Socket.newSocketDomain();
        boolean adopted = false;
        try {
            ServerChannel channel = adoptUnixListener(socket.intValue());
            adopted = true;
            return channel;
        } finally {
            if (!adopted) {
                EventLoops.closeQuietly(socket);
            }
        }
    }

    /** An active channel for a bound descriptor of this kind. */
    final Channel adopt(SocketKind kind, int fd) {
        return switch (kind) {
            case TCP_LISTENER -> adoptTcpListener(fd);
            case UDP -> adoptUdp(fd);
            case UNIX_LISTENER -> adoptUnixListener(fd);
            default -> throw new IllegalArgumentException("neither a listener nor UDP: " + kind);
        };
    }

    /** An active, unregistered child of {@code listener}; without a parent if Netty does not let us. */
    abstract Channel newTcpChild(Channel listener, int fd, InetSocketAddress remote);

    /** An active, unregistered child of {@code listener}; without a parent if Netty does not let us. */
    abstract Channel newUnixChild(Channel listener, int fd);

    /** An active, unregistered channel without a parent. */
    abstract Channel newTcpConnection(int fd);

    /** An active, unregistered channel without a parent. */
    abstract Channel newUnixConnection(int fd);

    abstract ServerChannel openTcpListener();

    abstract Channel openUdp();

    abstract ServerChannel adoptTcpListener(int fd);

    /** Its file is never deleted when it closes. */
    abstract ServerChannel adoptUnixListener(int fd);

    abstract Channel adoptUdp(int fd);

    /** Calls {@code newChildChannel}; null if there is no handle. */
    static @Nullable Channel child(@Nullable MethodHandle factory, Channel listener, int fd, byte[] remote) {
        if (factory == null) {
            return null;
        }
        try {
            return (Channel) factory.invokeExact(listener, fd, remote, 0, remote.length);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("newChildChannel failed", e);
        }
    }
}
