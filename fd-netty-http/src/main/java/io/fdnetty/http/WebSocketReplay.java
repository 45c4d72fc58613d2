package io.fdnetty.http;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.fdnetty.move.ConnectionRestored;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.util.concurrent.Future;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Lets the WebSockets of a server move that knows nothing of it:
 *
 * <pre>{@code upgrader.movable("ws", anyInitializer, MoveOptions.restored().inFront(WebSocketReplay::new))}</pre>
 *
 * <p>A connection that arrives looks to the server like a fresh one: it becomes active, its client sends the request
 * that it sent to the old process, and the server answers. The answer is swallowed, since the client has it; then the
 * frames follow. So the application's open handler runs again, and what it greets with is sent again. The server may
 * take {@value #PATIENCE_MILLIS} ms for its answer; what the client sends meanwhile waits. If the answer does not come,
 * or is not the one that the client has got, the client is told 1011 and the connection is closed, with a line in the
 * log.
 *
 * <p>When such a connection may move is said at {@link WebSocketBoundary}. What the application has been given it must
 * have dealt with: a message that waits in a queue of its own stays behind.
 */
public final class WebSocketReplay extends WebSocketBoundary {
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(WebSocketReplay.class);

    private static final int PATIENCE_MILLIS = 10_000;

    private final long patienceMillis;
    private final List<Object> later = new ArrayList<>(0);
    private boolean pausedReading;
    private boolean failed;
    private @Nullable Handshake expected;
    private @Nullable Future<?> deadline;

    /** For decoders with Netty's default limit. */
    public WebSocketReplay() {
        this.patienceMillis = PATIENCE_MILLIS;
    }

    /** @param maxFramePayload see {@link WebSocketBoundary#WebSocketBoundary(int)} */
    public WebSocketReplay(int maxFramePayload) {
        this(maxFramePayload, PATIENCE_MILLIS);
    }

    WebSocketReplay(int maxFramePayload, long patienceMillis) {
        super(maxFramePayload);
        this.patienceMillis = patienceMillis;
    }

    @Override
    void arrived(ChannelHandlerContext ctx, Handshake saved) {
        expected = saved;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object evt) throws Exception {
        if (evt instanceof ConnectionRestored) {
            ctx.fireChannelActive(); // a fresh connection, as far as the server knows
        }
        boolean inputEnds = evt instanceof ChannelInputShutdownEvent || evt instanceof ChannelInputShutdownReadComplete;
        if (inputEnds && isRepeating()) {
            later.add(evt);
        } else {
            super.userEventTriggered(ctx, evt);
        }
        if (evt instanceof ConnectionRestored && isRepeating()) {
            deadline = ctx.executor()
                    .schedule(() -> notRepeated(ctx, "its handshake was not answered"), patienceMillis, MILLISECONDS);
            repeat(ctx);
        }
    }

    @Override
    void heldWhileRepeating(ChannelHandlerContext ctx, int bytes) {
        if (bytes > MAX_HELD && ctx.channel().config().isAutoRead()) {
            pausedReading = true;
            ctx.channel().config().setAutoRead(false);
        }
    }

    @Override
    void repeated(ChannelHandlerContext ctx) {
        cancelDeadline();
        if (!hasSameTerms()) {
            notRepeated(ctx, "its handshake was answered with other terms");
        } else {
            ctx.executor().execute(() -> goOn(ctx));
        }
    }

    private boolean hasSameTerms() {
        return expected != null && expected.equals(handshake());
    }

    private void goOn(ChannelHandlerContext ctx) {
        passOn(ctx);
        later.forEach(event -> hear(ctx, event));
        later.clear();
        if (pausedReading) {
            pausedReading = false;
            ctx.channel().config().setAutoRead(true);
        }
        super.repeated(ctx);
    }

    private void hear(ChannelHandlerContext ctx, Object event) {
        try {
            userEventTriggered(ctx, event);
        } catch (Exception e) {
            ctx.fireExceptionCaught(e);
        }
    }

    @Override
    void notRepeated(ChannelHandlerContext ctx, String reason) {
        if (failed || ctx.isRemoved() || !ctx.channel().isActive()) {
            return;
        }
        failed = true;
        cancelDeadline();
        logger.warn("{} A WebSocket that moved here is closed: {}", ctx.channel(), reason);
        farewell(ctx, WebSocketCloseStatus.INTERNAL_SERVER_ERROR);
        ctx.close();
    }

    /** The server closes instead of answering. */
    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        if (isRepeating()) {
            notRepeated(ctx, "its handshake was answered with a close");
        }
        super.close(ctx, promise);
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) {
        super.handlerRemoved0(ctx);
        cancelDeadline();
    }

    private void cancelDeadline() {
        if (deadline != null) {
            deadline.cancel(false);
        }
    }
}
