package io.fdnetty;

import io.fdnetty.testing.Serving;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * One generation of a server with live connections, in this process: frames of a 4-byte length, answered with
 * themselves.
 */
public final class EchoServer implements AutoCloseable {
    public final Upgrader upgrader;
    public final Serving serving;
    public final EventLoopGroup group =
            new MultiThreadIoEventLoopGroup(2, new DefaultThreadFactory("echo", true), EpollIoHandler.newFactory());
    final Channel listener;

    private EchoServer(Upgrader upgrader, Serving serving, ChannelHandler childHandler) throws InterruptedException {
        this.upgrader = upgrader;
        this.serving = serving;
        this.listener = new ServerBootstrap()
                .group(group)
                .channelFactory(upgrader.listener("echo"))
                .childHandler(childHandler)
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync()
                .channel();
    }

    /** A server whose connections move. */
    public static EchoServer start(Path socket, UnaryOperator<UpgraderBuilder> settings)
            throws UpgradeException, InterruptedException {
        return start(socket, settings, (upgrader, initializer) -> upgrader.movable("echo", initializer));
    }

    /**
     * A server with this child handler.
     *
     * @param childHandler makes the child handler out of the initializer of an echo pipeline
     */
    public static EchoServer start(
            Path socket,
            UnaryOperator<UpgraderBuilder> settings,
            BiFunction<Upgrader, ChannelHandler, ChannelHandler> childHandler)
            throws UpgradeException, InterruptedException {
        return start(socket, settings, childHandler, server -> {});
    }

    /**
     * A server that is given to somebody before it is ready.
     *
     * @param bound run before the server is ready
     */
    public static EchoServer start(
            Path socket,
            UnaryOperator<UpgraderBuilder> settings,
            BiFunction<Upgrader, ChannelHandler, ChannelHandler> childHandler,
            Consumer<EchoServer> bound)
            throws UpgradeException, InterruptedException {
        Serving serving = new Serving();
        Upgrader upgrader = settings.apply(Upgrader.builder(socket).name("echo").listener(serving))
                .build();
        EchoServer server = new EchoServer(upgrader, serving, childHandler.apply(upgrader, new EchoPipeline()));
        bound.accept(server);
        try {
            upgrader.ready();
        } catch (UpgradeException e) {
            server.close();
            throw e;
        }
        return server;
    }

    public int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    /** A loop that is shut down without a quiet period may end without closing its channels. */
    @Override
    public void close() {
        upgrader.close();
        listener.close().syncUninterruptibly();
        group.shutdownGracefully(20, 10_000, TimeUnit.MILLISECONDS).syncUninterruptibly();
    }

    @ChannelHandler.Sharable
    public static final class EchoPipeline extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel channel) {
            channel.pipeline().addLast(new LengthFieldBasedFrameDecoder(1 << 24, 0, 4), new Echo());
        }
    }

    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ctx.writeAndFlush((ByteBuf) message);
        }
    }
}
