package io.fdnetty.internal.listener;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelOutputShutdownEvent;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.Future;

/**
 * Resets a half-closed connection whose output Netty shuts down because a write failed: an orderly end would make the
 * peer believe that it has the whole answer.
 *
 * <p>For where {@link LastingRegistration} is out of reach. It costs a connection one empty write for each flush once
 * its peer has ended its output, and nothing before. A unix socket has no reset.
 */
final class CutOutputReset extends ChannelDuplexHandler {
    private boolean inputEnded;
    private boolean outputEnded;

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            inputEnded = true;
            flush(ctx); // what is flushed and pending is watched, too
        } else if (event instanceof ChannelOutputShutdownEvent) {
            outputEnded = true;
        }
        ctx.fireUserEventTriggered(event);
    }

    /** There is nothing to read any more, and the interest in it would fail as that in writing does. */
    @Override
    public void read(ChannelHandlerContext ctx) {
        if (!inputEnded) {
            ctx.read();
        }
    }

    /** The empty write fails after those before it, and before the event that tells of the end. */
    @Override
    public void flush(ChannelHandlerContext ctx) {
        if (inputEnded && ctx.channel().isActive()) {
            ctx.write(Unpooled.EMPTY_BUFFER).addListener(written -> resetIfCut(ctx, written));
        }
        ctx.flush();
    }

    /** Netty names a cause only if it was an error, and not a handler, that ended the output. */
    private static void resetIfCut(ChannelHandlerContext ctx, Future<?> written) {
        if (written.cause() instanceof ChannelOutputShutdownException cut && cut.getCause() != null) {
            resetOnClose(ctx);
            ctx.close();
        }
    }

    /**
     * The output has ended and its event is still to come: a handler closes because a write before that end has failed.
     */
    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        if (inputEnded && !outputEnded && ((DuplexChannel) ctx.channel()).isOutputShutdown()) {
            resetOnClose(ctx);
        }
        ctx.close(promise);
    }

    private static void resetOnClose(ChannelHandlerContext ctx) {
        if (ctx.channel().isOpen()) {
            ctx.channel().config().setOption(ChannelOption.SO_LINGER, 0);
        }
    }
}
