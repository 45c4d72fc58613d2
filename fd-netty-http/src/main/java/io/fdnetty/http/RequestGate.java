package io.fdnetty.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;

/**
 * Stands in front of the HTTP decoder while its connection waits to move: gives it the bytes of the requests that have
 * begun, and keeps those of the next one.
 *
 * <p>Event loop only. It owns what it keeps, and gives it out when it is removed. It stops reading when it keeps much;
 * authors who read explicitly hear nothing while nothing passes, so they do not read on.
 */
final class RequestGate extends ByteToMessageDecoder {
    private static final int MOST_KEPT = 64 << 10;

    private final DecoderView decoder;
    private boolean hasGiven;
    private boolean owesReadComplete;
    private boolean hasStoppedReading;

    RequestGate(DecoderView decoder) {
        this.decoder = decoder;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        int length = decoder.isBetweenMessages() ? 0 : decoder.safeLength(in);
        if (length > 0) {
            out.add(in.readRetainedSlice(length));
            hasGiven = true;
        } else if (in.readableBytes() >= MOST_KEPT && ctx.channel().config().isAutoRead()) {
            hasStoppedReading = true;
            ctx.channel().config().setAutoRead(false);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
        if (hasGiven || !decoder.isBetweenMessages()) {
            hasGiven = false;
            super.channelReadComplete(ctx);
        } else {
            owesReadComplete = true;
        }
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
