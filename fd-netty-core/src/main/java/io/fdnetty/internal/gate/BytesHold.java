package io.fdnetty.internal.gate;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;

/**
 * Stands next to the socket of a connection that waits to move, and keeps the bytes that come in.
 *
 * <p>Event loop only. It owns what it keeps, and gives it out when it is removed. It stops reading when it keeps much;
 * authors who read explicitly hear nothing while nothing passes, so they do not read on.
 */
public final class BytesHold extends ByteToMessageDecoder implements OwnHandler {
    private static final int MOST_KEPT = 64 << 10;

    private boolean owesReadComplete;
    private boolean hasStoppedReading;

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (in.readableBytes() >= MOST_KEPT && ctx.channel().config().isAutoRead()) {
            hasStoppedReading = true;
            ctx.channel().config().setAutoRead(false);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        owesReadComplete = true;
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        leave(ctx);
        ctx.fireChannelInactive();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object evt) {
        if (evt instanceof ChannelInputShutdownEvent) {
            leave(ctx);
        }
        ctx.fireUserEventTriggered(evt);
    }

    private void leave(ChannelHandlerContext ctx) {
        if (!ctx.isRemoved()) {
            ctx.pipeline().remove(this);
        }
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) {
        if (owesReadComplete) {
            ctx.fireChannelReadComplete();
        }
        if (hasStoppedReading) {
            ctx.channel().config().setAutoRead(true);
        }
    }
}
