package io.fdnetty.internal.gate;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.internal.StringUtil;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;

/**
 * Stands behind the handlers of a connection that has left as they are removed, and drops what they pass on: the unread
 * bytes of decoders, which travelled as a copy. Event loop only.
 */
public final class UnreadDiscarder extends ChannelInboundHandlerAdapter implements OwnHandler {
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(UnreadDiscarder.class);

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        logger.debug(
                "{} A {} was passed on by a handler as it was removed", ctx.channel(), StringUtil.simpleClassName(msg));
        ReferenceCountUtil.release(msg);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {}

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object evt) {
        ReferenceCountUtil.release(evt);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        logger.debug("{} A handler failed as it was removed", ctx.channel(), cause);
    }
}
