package io.fdnetty.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fdnetty.Upgrader;
import io.fdnetty.move.MoveOptions;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.string.StringDecoder;
import io.netty.handler.codec.string.StringEncoder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** A server of lines as an author would write it, for the tests of the kit. */
final class LineServer implements AutoCloseable {
    static final MoveOptions OPTIONS = MoveOptions.restored().answersOnLoop();

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final Channel listener;

    private LineServer(Upgrader upgrader, Supplier<? extends ChannelHandler> session) throws InterruptedException {
        listener = new ServerBootstrap()
                .group(loops)
                .channelFactory(upgrader.listener("lines"))
                .childHandler(upgrader.movable("lines", initializer(session), OPTIONS))
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync()
                .channel();
    }

    static ServerStarter<LineServer> with(Supplier<? extends ChannelHandler> session) {
        return upgrader -> new LineServer(upgrader, session);
    }

    private static ChannelInitializer<Channel> initializer(Supplier<? extends ChannelHandler> session) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                pipeline(channel, session.get());
            }
        };
    }

    static void pipeline(Channel channel, ChannelHandler session) {
        channel.pipeline()
                .addLast(new LineBasedFrameDecoder(100), new StringDecoder(UTF_8), new StringEncoder(UTF_8), session);
    }

    int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    @Override
    public void close() {
        listener.close().syncUninterruptibly();
        loops.shutdownGracefully(20, 10_000, TimeUnit.MILLISECONDS).syncUninterruptibly();
    }
}
