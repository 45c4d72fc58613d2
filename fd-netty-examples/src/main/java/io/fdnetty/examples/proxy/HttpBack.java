package io.fdnetty.examples.proxy;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpClientCodec;

/**
 * The beginning of a connection to the backend in http mode. One that was opened for an exchange serves it; one that
 * moved is half of a pair of raw bytes, or idle. An idle one to a backend that this proxy is not told to use is closed.
 */
@ChannelHandler.Sharable
final class HttpBack extends ChannelInboundHandlerAdapter {
    private final HttpProxy proxy;

    HttpBack(HttpProxy proxy) {
        this.proxy = proxy;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        Channel back = ctx.channel();
        Channel front = Pair.otherHalf(back);
        BackHandler expected = back.attr(HttpProxy.EXPECTED).getAndSet(null);
        if (front != null) {
            ctx.pipeline().addLast(new Relay(front));
        } else if (expected != null) {
            speakHttp(ctx, expected);
        } else if (!proxy.settings().backend().equals(back.remoteAddress())) {
            ctx.close(); // the predecessor was told another one
        } else {
            BackHandler idle = new BackHandler(proxy.stateOf(back.eventLoop()), proxy.times());
            speakHttp(ctx, idle);
            idle.rest();
        }
        ctx.fireChannelActive();
        ctx.pipeline().remove(this);
    }

    private static void speakHttp(ChannelHandlerContext ctx, BackHandler handler) {
        ctx.pipeline().addLast(new HttpClientCodec(FrontCodec.limits(), false, false), handler);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
