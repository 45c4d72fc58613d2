package io.fdnetty.examples.simple;

import io.fdnetty.channel.AncillaryServerSocketChannel;
import io.fdnetty.channel.AncillarySocketChannel;
import io.fdnetty.channel.ReadPlan;
import io.fdnetty.fd.Descriptor;
import io.fdnetty.fd.Descriptors;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.*;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.UnixChannel;

/**
 * An upgrade made by hand, for listeners alone: {@code PassedListener SOCKET PORT} serves, and gives its listening
 * socket to the process that asks, {@code PassedListener SOCKET}. New clients are always served; live connections stay.
 */
public final class PassedListener {
    private static final EventLoopGroup LOOPS = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());

    private PassedListener() {}

    /** Gives a listener, or takes it. */
    public static void main(String[] args) throws InterruptedException {
        DomainSocketAddress socket = new DomainSocketAddress(args[0]);
        if (args.length == 1) {
            new Bootstrap()
                    .group(LOOPS)
                    .channel(AncillarySocketChannel.class)
                    .handler(new Taker())
                    .connect(socket)
                    .sync();
            return;
        }
        Channel listener = new ServerBootstrap()
                .group(LOOPS)
                .channel(EpollServerSocketChannel.class)
                .childHandler(new Echo())
                .bind(Integer.parseInt(args[1]))
                .sync()
                .channel();
        new ServerBootstrap()
                .group(LOOPS)
                .channel(AncillaryServerSocketChannel.class)
                .childHandler(new Giver(listener))
                .bind(socket)
                .sync();
        System.out.println("serving " + listener.localAddress());
    }

    @ChannelHandler.Sharable
    private static final class Giver extends ChannelInboundHandlerAdapter {
        private final Channel listener;

        Giver(Channel listener) {
            this.listener = listener;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            Descriptor lent = Descriptor.borrow(((UnixChannel) listener).fd(), "listener"); // the peer gets a copy
            ctx.writeAndFlush(Descriptors.of(lent)).addListener(written -> {
                if (written.isSuccess()) {
                    listener.deregister().addListener(done -> listener.close());
                }
                ctx.close();
            });
        }
    }

    private static final class Taker extends SimpleChannelInboundHandler<Descriptors> {
        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            ((AncillarySocketChannel) ctx.channel()).readPlan(() -> ReadPlan.DESCRIPTOR); // the next byte brings one
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, Descriptors message) {
            Channel listener = new ServerBootstrap()
                    .group(LOOPS)
                    .channelFactory(() ->
                            new EpollServerSocketChannel(message.take(0).take().intValue()))
                    .childHandler(new Echo())
                    .register()
                    .channel();
            System.out.println("serving " + listener.localAddress());
        }
    }

    @ChannelHandler.Sharable
    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object bytes) {
            ctx.writeAndFlush(bytes);
        }
    }
}
