package io.fdnetty.examples.proxy;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One half of a pair: writes what its connection receives to the other one, as raw bytes. Event loop only, the same for
 * both.
 *
 * <p>It reads as long as the other half takes what it is given. The end of what one side sends is passed on to the
 * other, which may go on sending; the pair is closed when both have ended, or one is broken. It knows nothing but the
 * other half, so that a pair can move at any time.
 */
final class Relay extends ChannelInboundHandlerAdapter {
    private static final Logger logger = LoggerFactory.getLogger(Relay.class);

    private final Channel other;

    Relay(Channel other) {
        this.other = other;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        ctx.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        ctx.channel().config().setAutoRead(other.isWritable());
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object bytes) {
        if (!other.isActive()) {
            ReferenceCountUtil.release(bytes);
            return;
        }
        other.write(bytes, other.voidPromise());
        if (!other.isWritable()) {
            ctx.channel().config().setAutoRead(false);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        other.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        other.config().setAutoRead(ctx.channel().isWritable());
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent && other.isActive()) {
            other.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> endOutput((DuplexChannel) other));
            closeIfEnded((DuplexChannel) ctx.channel());
        }
    }

    private static void endOutput(DuplexChannel half) {
        half.shutdownOutput().addListener(shut -> closeIfEnded(half));
    }

    private static void closeIfEnded(DuplexChannel half) {
        if (half.isInputShutdown() && half.isOutputShutdown()) {
            half.close();
        }
    }

    /** The other side gets what was meant for it, and then the end. */
    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (other.isActive()) {
            other.config().setAutoRead(true); // unread bytes would turn the end into a reset
            other.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        logger.debug("{} is closed: {}", ctx.channel(), cause.toString());
        ctx.close();
    }
}
