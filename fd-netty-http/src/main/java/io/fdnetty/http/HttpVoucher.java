package io.fdnetty.http;

import io.fdnetty.move.MovableHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpObjectDecoder;
import io.netty.handler.codec.http.HttpServerCodec;
import java.util.Collection;

/** Looks for the handler that knows when messages of HTTP begin and end. */
final class HttpVoucher {
    private HttpVoucher() {}

    /** Whether a movable handler other than this one vouches for the HTTP codec. Event loop only. */
    static boolean isIn(ChannelHandlerContext ctx, ChannelHandler butThis) {
        Collection<ChannelHandler> handlers = ctx.pipeline().toMap().values();
        return handlers.stream()
                .filter(handler -> handler instanceof HttpServerCodec || handler instanceof HttpObjectDecoder)
                .anyMatch(codec -> handlers.stream()
                        .anyMatch(other -> other != butThis
                                && other instanceof MovableHandler movable
                                && movable.vouchesFor(codec)));
    }
}
