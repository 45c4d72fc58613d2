package io.fdnetty.fuzz;

import io.fdnetty.internal.capture.Explainer;
import io.fdnetty.internal.connection.LiveConnections;
import io.fdnetty.internal.connection.MoveLimits;
import io.fdnetty.internal.listener.InheritedSockets;
import io.fdnetty.internal.listener.Listeners;
import io.fdnetty.move.MovableHandler;
import io.fdnetty.move.MoveOptions;
import io.fdnetty.testing.SocketPairs;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ManualIoEventLoop;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;

/** A server with a TCP and a unix listener and connections of its own, whose event loop is the thread that makes it. */
final class ArrivalServer {
    static final int OLDEST = 1;
    static final int NEWEST = 2;
    private static final MoveOptions OPTIONS = MoveOptions.restored().version(OLDEST, NEWEST);
    private static final int MOST_ROUNDS = 1000;

    final UnpooledByteBufAllocator alloc = new UnpooledByteBufAllocator(false, true);
    final LiveConnections connections;
    private final ManualIoEventLoop loop = new ManualIoEventLoop(Thread.currentThread(), EpollIoHandler.newFactory());
    private final Channel tcp;
    private final Channel unix;

    ArrivalServer() {
        Listeners listeners = new Listeners(new InheritedSockets());
        connections = new LiveConnections(listeners, MoveLimits.defaults(), Explainer::log);
        tcp = bind(listeners.tcp("tcp"), "tcp-echo", new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        unix = bind(listeners.unix("unix"), "unix-echo", SocketPairs.address());
        connections.outbound("backend", loop, echo(), OPTIONS);
        listeners.releaseAll();
        run();
    }

    private ChannelInitializer<Channel> echo() {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel child) {
                child.config().setAllocator(alloc);
                child.pipeline().addLast(new Echo());
            }
        };
    }

    private Channel bind(ChannelFactory<ServerChannel> factory, String kind, SocketAddress address) {
        ChannelFuture bound = new ServerBootstrap()
                .group(loop)
                .channelFactory(factory)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(ChannelOption.ALLOCATOR, alloc)
                .childHandler(connections.movable(kind, echo(), OPTIONS))
                .bind(address);
        while (!bound.isDone()) {
            loop.runNow();
        }
        Checks.that(bound.isSuccess(), "bind", bound.cause());
        return bound.channel();
    }

    /** Runs what is to be run now. */
    void run() {
        int rounds = 0;
        while (loop.runNow() > 0) {
            Checks.that(rounds++ < MOST_ROUNDS, "the event loop finds no rest");
        }
    }

    void closeConnections() {
        connections.open().forEach(connection -> connection.channel().close());
        connections.opened().forEach(connection -> connection.channel().close());
        run();
    }

    void close() {
        tcp.close();
        unix.close();
        run();
        loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
        while (!loop.isTerminated()) {
            loop.runNow();
        }
    }

    /** Has a state, whose first byte may make it fail or hang up. */
    private static final class Echo extends ChannelInboundHandlerAdapter implements MovableHandler {
        @Override
        public String stateName() {
            return "echo";
        }

        @Override
        public int stateVersion() {
            return 2;
        }

        @Override
        public int oldestStateVersion() {
            return 1;
        }

        @Override
        public void restoreState(ChannelHandlerContext ctx, int version, ByteBuf in) {
            if (in.readByte() == 'x') {
                ctx.close();
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ctx.writeAndFlush(message);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
