package io.fdnetty.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler.HandshakeComplete;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler.ServerHandshakeStateEvent;

/** Keeps the news of a repeated handshake from the application, and goes away. Event loop only. */
final class HandshakeSilencer extends ChannelInboundHandlerAdapter {
    private HandshakeSilencer() {}

    static void addTo(ChannelPipeline pipeline) {
        ChannelHandlerContext teller = pipeline.context(WebSocketServerProtocolHandler.class);
        if (teller != null) {
            pipeline.addAfter(teller.name(), null, new HandshakeSilencer());
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object evt) {
        if (evt instanceof HandshakeComplete) {
            ctx.pipeline().remove(this);
        } else if (!(evt instanceof ServerHandshakeStateEvent)) {
            ctx.fireUserEventTriggered(evt);
        }
    }
}
