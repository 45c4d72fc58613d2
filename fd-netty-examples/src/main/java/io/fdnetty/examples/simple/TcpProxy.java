package io.fdnetty.examples.simple;

import io.fdnetty.LinkedConnections;
import io.fdnetty.Upgrader;
import io.fdnetty.move.MoveOptions;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.*;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A proxy for raw TCP: {@code TcpProxy SOCKET PORT BACKEND_HOST BACKEND_PORT}. A client's connection and the one to the
 * backend are linked: they move together or not at all, and where they arrive each finds the other by the link.
 */
public final class TcpProxy {
    private TcpProxy() {}

    /** Serves until a successor has taken over. */
    public static void main(String[] args) {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(EpollIoHandler.newFactory());
        MoveOptions options = MoveOptions.asAccepted().oneWay().stateless(Relay.class); // owes nothing, keeps nothing
        Upgrader upgrader = Upgrader.builder(Path.of(args[0])).name("proxy").buildOrExit();
        Bootstrap backend = new Bootstrap()
                .channel(EpollSocketChannel.class)
                .handler(upgrader.outbound("backends", loops, relays(null), options))
                .remoteAddress(args[2], Integer.parseInt(args[3]));
        ChannelFuture bound = new ServerBootstrap()
                .group(loops)
                .channelFactory(upgrader.listener("clients"))
                .childHandler(upgrader.movable("clients", relays(backend), options))
                .bind(Integer.parseInt(args[1]));
        upgrader.readyOrExit();
        System.out.println("serving " + bound.channel().localAddress());
        upgrader.handedOver().thenRun(loops::shutdownGracefully);
    }

    private static ChannelInitializer<Channel> relays(@Nullable Bootstrap backend) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel half) {
                half.config().setAutoRead(false); // until both halves are there
                half.pipeline().addLast(new Relay(backend));
            }
        };
    }

    /** Writes what it reads to the other half, and reads as long as that takes it. */
    private static final class Relay extends ChannelInboundHandlerAdapter {
        private final @Nullable Bootstrap backend;
        private @Nullable Channel other;

        Relay(@Nullable Bootstrap backend) {
            this.backend = backend;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            Channel half = ctx.channel();
            for (Channel linked :
                    LinkedConnections.linkedTo(half)) { // the backend's is connected, or both have arrived
                other = linked;
                linked.config().setAutoRead(true);
                half.config().setAutoRead(true);
            }
            if (other == null && backend != null) {
                ChannelFuture connected = backend.clone(half.eventLoop()).connect();
                other = connected.channel();
                LinkedConnections.link(half, other); // at once: the pair does not move before it is connected
                connected.addListener(done -> {
                    if (!done.isSuccess()) {
                        half.close();
                    }
                });
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object bytes) {
            Channel to = Objects.requireNonNull(other);
            to.writeAndFlush(bytes);
            ctx.channel().config().setAutoRead(to.isWritable());
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            Objects.requireNonNull(other).config().setAutoRead(ctx.channel().isWritable());
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) { // not if it has moved
            Objects.requireNonNull(other).writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }
    }
}
