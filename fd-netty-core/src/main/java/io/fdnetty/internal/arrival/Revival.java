package io.fdnetty.internal.arrival;

import io.fdnetty.internal.gate.Gate;
import io.fdnetty.internal.netty.SilentRegistration;
import io.fdnetty.internal.protocol.ConnectionPart;
import io.fdnetty.move.ConnectionMovedException;
import io.fdnetty.move.ConnectionRestored;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DuplexChannel;
import org.jspecify.annotations.Nullable;

/**
 * The start of a connection that arrived, in two steps, between which others that move with it take the first one.
 * Event loop only.
 *
 * <p>The order on the wire is that of the writes: what the predecessor had not written, what the handlers wrote while
 * they were held, what they write from now on. The order for the handlers is that of a connection's life: it becomes
 * active, or lives on, the bytes that were read but not consumed follow, then those of the socket.
 */
final class Revival {
    private final Gate gate;
    private final ChannelHandlerContext ctx;
    private final Channel channel;
    private final ConnectionPart part;
    private final boolean restored;
    private final ChannelHandlerContext replayed;

    /**
     * @param restored whether handlers learn that their connection was restored
     * @param beforeDecoder what stands in front of the handler at which the unread bytes go on; null if they pass all
     */
    Revival(Gate gate, ConnectionPart part, boolean restored, @Nullable ChannelHandlerContext beforeDecoder) {
        this.gate = gate;
        this.ctx = gate.context();
        this.channel = ctx.channel();
        this.part = part;
        this.restored = restored;
        this.replayed = beforeDecoder == null ? ctx : beforeDecoder;
    }

    /** The connection is active, and writes. */
    void activate() {
        writeUnwritten();
        gate.outbound().release(ctx);
        gate.mode(Gate.Mode.ACTIVE);
        becomeActive();
    }

    /** The connection goes on: it reads. */
    void live() {
        if (!channel.isOpen()) {
            gate.inbound().discard();
            return;
        }
        gate.mode(Gate.Mode.OPEN);
        replayUnread();
        gate.inbound().release(ctx);
        gate.leave();
        if (!gate.hasRead()) {
            SilentRegistration.listen(channel);
        }
    }

    /**
     * The connection was to be closed once all is written: its handlers stay held, the peer gets its bytes, that is
     * all. What it sends is read and dropped, since unread bytes would turn the close into a reset.
     *
     * @param linked whether handlers of other connections count on hearing of its end, which its handlers then do
     */
    void speakLastWords(boolean linked) {
        ChannelFuture written = writeUnwritten();
        if (part.has(ConnectionPart.CLOSE_AFTER_WRITE)) {
            gate.outbound().fail(new ConnectionMovedException("written after close()"));
            written.addListener(done -> ctx.close());
        } else {
            gate.outbound().release(ctx);
        }
        gate.mode(Gate.Mode.LAST_WORDS);
        gate.inbound().discard();
        if (linked) {
            gate.tellEnd();
            becomeActive();
        }
        ctx.read();
    }

    private void becomeActive() {
        if (restored) {
            ctx.fireUserEventTriggered(ConnectionRestored.INSTANCE);
        } else {
            ctx.fireChannelActive();
        }
    }

    private ChannelFuture writeUnwritten() {
        ByteBuf bytes = part.unwritten().isReadable() ? part.unwritten().retainedDuplicate() : Unpooled.EMPTY_BUFFER;
        ChannelFuture written = bytes.isReadable() ? ctx.writeAndFlush(bytes) : channel.newSucceededFuture();
        if (part.has(ConnectionPart.OUTPUT_SHUTDOWN)) {
            shutdownOutput(written);
        }
        return written;
    }

    private void shutdownOutput(ChannelFuture written) {
        DuplexChannel duplex = (DuplexChannel) channel;
        if (duplex.isOutputShutdown()) {
            return;
        }
        if (written.isDone()) {
            duplex.shutdownOutput();
        } else {
            written.addListener(done -> duplex.shutdownOutput());
        }
    }

    private void replayUnread() {
        if (part.unread().isReadable() && channel.isActive()) {
            replayed.fireChannelRead(part.unread().retainedDuplicate());
            replayed.fireChannelReadComplete();
        }
    }
}
