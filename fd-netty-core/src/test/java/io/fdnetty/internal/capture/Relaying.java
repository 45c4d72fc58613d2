package io.fdnetty.internal.capture;

import io.fdnetty.LinkedConnections;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import java.net.SocketAddress;
import java.util.List;
import java.util.function.Function;

/** One side of a relay: what it reads goes to the other side, no faster than that takes it; so do its ends. */
class Relaying extends ChannelInboundHandlerAdapter {
    private Channel peer;

    /** The side that clients connect to; opens the others, of which the first is its peer. */
    static final class Front extends Relaying {
        private final Function<Channel, Bootstrap> bootstrap;
        private final List<SocketAddress> backends;

        Front(Function<Channel, Bootstrap> bootstrap, List<SocketAddress> backends) {
            this.bootstrap = bootstrap;
            this.backends = backends;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            Channel front = ctx.channel();
            if (LinkedConnections.linkedTo(front).isEmpty()) {
                front.config().setAutoRead(false);
                backends.forEach(backend -> connect(front, backend));
            }
            super.channelActive(ctx);
        }

        private void connect(Channel front, SocketAddress backend) {
            Channel back = bootstrap
                    .apply(front)
                    .connect(backend)
                    .addListener((ChannelFutureListener) connected -> {
                        if (connected.isSuccess()) {
                            front.config().setAutoRead(true);
                        } else {
                            front.close();
                        }
                    })
                    .channel();
            LinkedConnections.link(front, back);
        }
    }

    Channel peer() {
        return peer;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        peer = LinkedConnections.linkedTo(ctx.channel()).get(0);
        ctx.fireChannelActive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        peer.write(msg);
        ctx.channel().config().setAutoRead(peer.isWritable());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        peer.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (peer != null) {
            peer.config().setAutoRead(ctx.channel().isWritable());
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object evt) {
        if (evt instanceof ChannelInputShutdownEvent) {
            peer.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> passOn(ctx.channel(), peer));
        }
    }

    private static void passOn(Channel ended, Channel peer) {
        ((DuplexChannel) peer).shutdownOutput();
        if (((DuplexChannel) peer).isShutdown()) {
            peer.close();
            ended.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (peer != null) {
            peer.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
