package io.fdnetty.migration;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;

/** Stands behind the handlers that are being removed and catches the bytes that the decoder gives out. Event loop only. */
final class UnreadCatcher extends ChannelInboundHandlerAdapter {
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(UnreadCatcher.class);

    private final ByteQueue unread;
    private boolean open;

    UnreadCatcher(ByteQueue unread) {
        this.unread = unread;
    }

    /** Whether the handler that is removed next is the one that gives out unread bytes. */
    void isOpen(boolean decoderIsNext) {
        open = decoderIsNext;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        if (open && msg instanceof ByteBuf bytes) {
            unread.add(bytes);
        } else {
            logger.warn("{} A handler passed on a message as it was removed, which is lost: {}", ctx.channel(), msg);
            ReferenceCountUtil.release(msg);
        }
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
