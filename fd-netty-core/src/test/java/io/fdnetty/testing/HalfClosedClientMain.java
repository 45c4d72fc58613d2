package io.fdnetty.testing;

import io.fdnetty.Upgrader;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A server and its half-closed client, as a program: prints what the client got. Uses nothing but the public interface,
 * so that it can stand outside of the library's module.
 */
public final class HalfClosedClientMain {
    private static final int ANSWER = 30_000_000;

    private HalfClosedClientMain() {}

    /**
     * Runs both.
     *
     * @param arguments the control socket
     */
    public static void main(String[] arguments) throws Exception {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        CompletableFuture<Channel> halfClosed = new CompletableFuture<>();
        try (Upgrader upgrader = Upgrader.builder(Path.of(arguments[0])).build()) {
            Channel server = new ServerBootstrap()
                    .group(loops)
                    .channelFactory(upgrader.listener("main"))
                    .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                    .childHandler(new Noting(halfClosed))
                    .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .sync()
                    .channel();
            upgrader.ready();
            System.out.println(whatTheClientGets(server.localAddress(), halfClosed));
        }
        System.exit(0);
    }

    private static String whatTheClientGets(SocketAddress server, CompletableFuture<Channel> halfClosed)
            throws Exception {
        try (Socket client = new Socket()) {
            client.setReceiveBufferSize(8 << 10);
            client.connect(server);
            client.shutdownOutput();
            Channel channel = halfClosed.get(10, TimeUnit.SECONDS);
            for (int turn = 0; turn < 20; turn++) {
                channel.eventLoop().submit(() -> {}).sync();
            }
            channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[ANSWER])).addListener(ChannelFutureListener.CLOSE);
            return client.getInputStream().readAllBytes().length == ANSWER ? "got=all" : "got=part";
        } catch (IOException e) {
            return "got=reset";
        }
    }

    @Sharable
    private static final class Noting extends ChannelInboundHandlerAdapter {
        private final CompletableFuture<Channel> halfClosed;

        private Noting(CompletableFuture<Channel> halfClosed) {
            this.halfClosed = halfClosed;
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof ChannelInputShutdownReadComplete) {
                halfClosed.complete(ctx.channel());
            }
        }
    }
}
