package io.fdnetty.examples;

import static java.util.Objects.requireNonNull;

import io.fdnetty.channel.AncillarySocketChannel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.kqueue.KQueue;
import io.netty.channel.kqueue.KQueueIoHandler;
import io.netty.channel.kqueue.KQueueSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;

/** Event loops and client channels of this platform: epoll on Linux, kqueue on macOS. */
public final class NativeTransport {
    private NativeTransport() {}

    /**
     * Starts event loops on daemon threads, which the caller has to shut down.
     *
     * @param name of the threads
     * @param threads or 0 for Netty's default
     */
    public static EventLoopGroup eventLoops(String name, int threads) {
        return new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(name, true), ioHandlers());
    }

    public static Class<? extends SocketChannel> clientChannel() {
        return Epoll.isAvailable() ? EpollSocketChannel.class : KQueueSocketChannel.class;
    }

    private static IoHandlerFactory ioHandlers() {
        if (Epoll.isAvailable()) {
            return EpollIoHandler.newFactory();
        }
        if (KQueue.isAvailable()) {
            return KQueueIoHandler.newFactory();
        }
        Throwable cause = requireNonNull(AncillarySocketChannel.unavailabilityCause());
        throw new ProgramException(String.valueOf(cause.getMessage()), cause);
    }
}
