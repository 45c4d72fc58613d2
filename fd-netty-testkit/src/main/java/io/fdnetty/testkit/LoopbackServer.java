package io.fdnetty.testkit;

import io.fdnetty.Upgrader;
import io.fdnetty.move.MovableHandler;
import io.fdnetty.move.MoveOptions;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.kqueue.KQueueIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A server on a loopback address with the pipeline that is to be verified; knows how much each of its connections has
 * read.
 */
final class LoopbackServer implements AutoCloseable {
    private static final String KIND = "verified";
    private static final int LOOPS = 2;
    private static final long QUIET_MILLIS = 20;
    private static final long LIMIT_MILLIS = 10_000;

    private final EventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(LOOPS, new DefaultThreadFactory(KIND, true), ioHandlers());
    private final Map<Integer, ByteCount> connections = new ConcurrentHashMap<>();
    private final Channel listener;

    private LoopbackServer(Upgrader upgrader, Consumer<? super Channel> pipeline, MoveOptions options)
            throws InterruptedException {
        listener = new ServerBootstrap()
                .group(loops)
                .channelFactory(upgrader.listener(KIND))
                .childHandler(upgrader.movable(KIND, initializer(pipeline), options.inFront(this::newCount)))
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync()
                .channel();
    }

    static ServerStarter<LoopbackServer> with(Consumer<? super Channel> pipeline, MoveOptions options) {
        return upgrader -> new LoopbackServer(upgrader, pipeline, options);
    }

    private static IoHandlerFactory ioHandlers() {
        return Epoll.isAvailable() ? EpollIoHandler.newFactory() : KQueueIoHandler.newFactory();
    }

    private static ChannelHandler initializer(Consumer<? super Channel> pipeline) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                pipeline.accept(channel);
            }
        };
    }

    private ByteCount newCount() {
        return new ByteCount(connections);
    }

    InetSocketAddress address() {
        return (InetSocketAddress) listener.localAddress();
    }

    /** The connection of the client with this port; null if it has not been accepted yet. */
    @Nullable
    Channel connection(int clientPort) {
        ByteCount count = connections.get(clientPort);
        return count == null ? null : count.channel;
    }

    /** How many bytes of that client have been through the pipeline. */
    long read(int clientPort) {
        ByteCount count = connections.get(clientPort);
        return count == null ? 0 : count.read.get();
    }

    @Override
    public void close() {
        listener.close().syncUninterruptibly();
        loops.shutdownGracefully(QUIET_MILLIS, LIMIT_MILLIS, TimeUnit.MILLISECONDS)
                .syncUninterruptibly();
    }

    /** Stands in front, and has nothing to say about moves. */
    private static final class ByteCount extends ChannelInboundHandlerAdapter implements MovableHandler {
        private final Map<Integer, ByteCount> connections;
        private volatile @Nullable Channel channel;
        private final AtomicLong read = new AtomicLong();

        ByteCount(Map<Integer, ByteCount> connections) {
            this.connections = connections;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            channel = ctx.channel();
            connections.put(((InetSocketAddress) ctx.channel().remoteAddress()).getPort(), this);
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            int bytes = message instanceof ByteBuf buffer ? buffer.readableBytes() : 0;
            ctx.fireChannelRead(message);
            read.addAndGet(bytes);
        }
    }
}
