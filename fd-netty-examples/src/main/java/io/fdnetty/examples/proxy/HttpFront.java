package io.fdnetty.examples.proxy;

import io.fdnetty.http.HttpBoundary;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;

/**
 * The beginning of a client's connection in http mode. One that moved may be half of a pair of raw bytes; every other
 * one speaks HTTP, if there is room.
 */
final class HttpFront extends ChannelInboundHandlerAdapter {
    private final HttpProxy proxy;
    private final boolean moved;

    /** @param moved whether it comes from another process and was let in there */
    HttpFront(HttpProxy proxy, boolean moved) {
        this.proxy = proxy;
        this.moved = moved;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        Channel back = Pair.otherHalf(ctx.channel());
        boolean admitted = proxy.admits(ctx.channel());
        ctx.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        if (back != null) {
            ctx.pipeline().addLast(new Relay(back));
        } else if (admitted || moved) {
            FrontCodec codec = new FrontCodec();
            ctx.pipeline()
                    .addLast(
                            codec,
                            new HttpBoundary(),
                            new FrontHandler(proxy, proxy.stateOf(ctx.channel().eventLoop()), codec));
        } else {
            turnAway(ctx);
        }
        ctx.fireChannelActive();
        ctx.pipeline().remove(this);
    }

    private void turnAway(ChannelHandlerContext ctx) {
        proxy.complaints()
                .about("a client is turned away: there are " + proxy.settings().maxConnections()
                        + " already (--max-connections)");
        ctx.write(new OwnAnswer(Rejection.unavailable("the proxy has as many clients as it may have")).bytes());
        Lingering.close(ctx.channel());
    }
}
