package io.fdnetty.examples.simple;

import io.fdnetty.Upgrader;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.nio.file.Path;

/**
 * An upgradable server in a dozen lines: {@code EchoServer /path/to/upgrade.sock 8080}. Talk to it with {@code nc
 * localhost 8080}, start the same line in another terminal, and go on talking.
 */
public final class EchoServer {
    private EchoServer() {}

    /** Serves until a successor has taken over. */
    public static void main(String[] args) {
        Path socket = Path.of(args[0]);
        int port = Integer.parseInt(args[1]);
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(EpollIoHandler.newFactory()); // or KQueueIoHandler

        // README: begin
        Upgrader upgrader = Upgrader.builder(socket).name("echo").buildOrExit(); // takes over if a predecessor runs
        ChannelFuture bound = new ServerBootstrap()
                .group(loops) // epoll or kqueue event loops
                .channelFactory(upgrader.listener("echo")) // the inherited socket, or a new one
                .childHandler(upgrader.movable("echo", new EchoInitializer())) // live connections move
                .bind(port);
        upgrader.readyOrExit(); // here the predecessor stops; up to here nothing has changed for it
        System.out.println("serving " + bound.channel().localAddress());
        upgrader.handedOver().thenRun(loops::shutdownGracefully); // a successor has taken over: this process ends
        // README: end
    }

    /** As in any server on Netty. */
    private static final class EchoInitializer extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel connection) {
            connection.pipeline().addLast(new EchoHandler());
        }
    }

    private static final class EchoHandler extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object bytes) {
            ctx.writeAndFlush(bytes);
        }
    }
}
