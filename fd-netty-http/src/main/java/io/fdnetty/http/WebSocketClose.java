package io.fdnetty.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import org.jspecify.annotations.Nullable;

/**
 * The close frame with which the server ends a WebSocket; it waits for the end of a frame that is being written. Event
 * loop only.
 */
final class WebSocketClose {
    private final WebSocketFrameCursor outbound;
    private @Nullable WebSocketCloseStatus wanted;
    private boolean said;

    WebSocketClose(WebSocketFrameCursor outbound) {
        this.outbound = outbound;
    }

    void want(WebSocketCloseStatus status) {
        wanted = status;
    }

    boolean isWanted() {
        return wanted != null;
    }

    /** Whether the server must not write anything any more. */
    boolean isSaid() {
        return said;
    }

    void sayWhenPossible(ChannelHandlerContext ctx) {
        WebSocketCloseStatus status = wanted;
        if (status == null || said || outbound.isClosed() || outbound.isBroken() || !outbound.isBetweenFrames()) {
            return;
        }
        said = true;
        byte[] frame = {(byte) 0x88, 2, (byte) (status.code() >>> 8), (byte) status.code()};
        ctx.writeAndFlush(Unpooled.wrappedBuffer(frame));
    }
}
