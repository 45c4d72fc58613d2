package io.fdnetty.http;

import io.fdnetty.Connections;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Keeps new requests away from a connection that waits to move: until it has moved, or for a short time after it could
 * have, or until no exchange has made progress for a while. While the connection stands still it stays as it is.
 *
 * <p>Event loop only. Costs nothing while it does not hold.
 */
final class RequestHold {
    private static final long MILLIS_AFTER_SETTLED = 100;

    /** Nothing may wait for ever for an answer that does not come, or that is given where it cannot be seen. */
    private static final long PATIENCE_MILLIS = 2500;

    private final ChannelHandlerContext ctx;
    private final ChannelHandler codec;
    private final DecoderView decoder;
    private @Nullable RequestGate dispenser;
    private @Nullable Runnable now;
    private @Nullable Future<?> end;
    private boolean progress;

    /** @param codec what the bytes are held back from */
    RequestHold(ChannelHandlerContext ctx, ChannelHandler codec, DecoderView decoder) {
        this.ctx = ctx;
        this.codec = codec;
        this.decoder = decoder;
    }

    /** Lets what has begun come to its end, and nothing begin. */
    void begin(Runnable whenSettled) {
        now = whenSettled;
        ChannelHandlerContext codecContext = ctx.pipeline().context(codec);
        if (codecContext != null && !isHolding()) {
            RequestGate fresh = new RequestGate(decoder);
            ctx.pipeline().addBefore(codecContext.name(), null, fresh);
            dispenser = fresh;
            letGoAfter(PATIENCE_MILLIS);
        }
    }

    /** Something of an exchange came in or went out. */
    void progress() {
        progress = true;
    }

    private void letGoAfter(long millis) {
        cancelEnd();
        progress = false;
        end = ctx.executor().schedule(() -> endReached(millis), millis, TimeUnit.MILLISECONDS);
    }

    /** Bytes that are let go while others wait for the connection to be taken out would take its moment away. */
    private void endReached(long millis) {
        if (progress || Connections.isStopped(ctx.channel())) {
            letGoAfter(millis);
        } else {
            letGo();
        }
    }

    boolean isOf(ChannelHandler handler) {
        return handler == dispenser;
    }

    private boolean isHolding() {
        return dispenser != null && ctx.pipeline().context(dispenser) != null;
    }

    /** All that had begun has ended: now is the moment, and it passes. */
    void settled() {
        Runnable waiting = now;
        if (waiting != null) {
            now = null;
            waiting.run();
            letGoAfter(MILLIS_AFTER_SETTLED);
        }
    }

    /** There is nothing to wait for any more, which whoever waits should know: what is held goes on its way, soon. */
    void release() {
        cancelEnd();
        if (isHolding()) {
            ctx.executor().execute(this::letGo); // before whoever waits looks again
        }
        Runnable waiting = now;
        now = null;
        if (waiting != null) {
            waiting.run();
        }
    }

    private void letGo() {
        RequestGate held = dispenser;
        dispenser = null;
        if (held != null && ctx.pipeline().context(held) != null) {
            ctx.pipeline().remove(held);
        }
    }

    private void cancelEnd() {
        if (end != null) {
            end.cancel(false);
            end = null;
        }
    }
}
