package io.fdnetty.testsuite.real;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.haproxy.HAProxyMessage;

/** Notes where a client really comes from, and goes away. */
final class Proxied extends SimpleChannelInboundHandler<HAProxyMessage> {
    @Override
    protected void channelRead0(ChannelHandlerContext ctx, HAProxyMessage header) {
        ctx.channel().attr(Session.KEY).set(new Session(header.sourceAddress() + ':' + header.sourcePort()));
        ctx.pipeline().remove(this);
    }
}
