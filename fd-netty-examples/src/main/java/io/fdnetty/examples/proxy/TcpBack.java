package io.fdnetty.examples.proxy;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * The beginning of a connection to the backend in tcp mode, one just opened or one that moved: half of a pair, or
 * useless.
 */
@ChannelHandler.Sharable
final class TcpBack extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        Channel front = Pair.otherHalf(ctx.channel());
        if (front == null || !front.isOpen()) {
            ctx.close();
        } else {
            ctx.pipeline().replace(this, null, new Relay(front));
        }
        ctx.fireChannelActive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
