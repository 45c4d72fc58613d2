package io.fdnetty.migration;

import io.fdnetty.handover.ConnectionPart;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;

/**
 * The start of a connection that arrived, in one go. Event loop only.
 *
 * <p>The order on the wire is that of the writes: what the predecessor had not written, what the handlers wrote while they were
 * held, what they write from now on. The order for the handlers is that of a connection's life: it becomes active, the bytes
 * that were read but not consumed follow, then those of the socket.
 */
final class Revival {
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(Revival.class);

    private final Gate gate;
    private final ChannelHandlerContext ctx;
    private final Channel channel;
    private final ConnectionPart part;
    private final Restoration restoration;
    private final boolean restored;
    private final boolean sameChannel;

    /**
     * @param restored whether handlers hear that their connection was restored
     * @param sameChannel whether the channel is the one that the part was taken from
     */
    Revival(Gate gate, ConnectionPart part, Restoration restoration, boolean restored, boolean sameChannel) {
        this.gate = gate;
        this.ctx = gate.context();
        this.channel = ctx.channel();
        this.part = part;
        this.restoration = restoration;
        this.restored = restored;
        this.sameChannel = sameChannel;
    }

    /** The connection goes on. */
    void live() {
        writeUnwritten();
        gate.outbound().release(ctx);
        gate.mode(Gate.Mode.OPEN);
        becomeActive();
        replayUnread();
        gate.inbound().release(ctx);
        gate.leave();
        if (!sameChannel && !gate.hasRead()) {
            Quiet.listen(channel);
        }
    }

    /**
     * The connection was to be closed once all is written: its handlers stay held, the peer gets its bytes, that is all. What it
     * sends is read and dropped, since unread bytes would turn the close into a reset.
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
        restoration.hideActivation();
        ctx.fireChannelActive();
        if (restored) {
            ctx.fireUserEventTriggered(ConnectionRestored.INSTANCE);
        }
    }

    private ChannelFuture writeUnwritten() {
        ByteBuf bytes = part.unwritten().isReadable() ? part.unwritten().retainedDuplicate() : Unpooled.EMPTY_BUFFER;
        if (channel.unsafe().outboundBuffer() == null && bytes.isReadable()) {
            logger.error(
                    "{} had its output shut down while it was stopped and came back: closed, {} bytes are lost",
                    channel,
                    bytes.readableBytes());
            bytes.release();
            return ctx.close();
        }
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
            ctx.fireChannelRead(part.unread().retainedDuplicate());
            ctx.fireChannelReadComplete();
        }
        if (sameChannel && part.has(ConnectionPart.INPUT_SHUTDOWN) && channel.isActive()) {
            ctx.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
            ctx.fireUserEventTriggered(ChannelInputShutdownReadComplete.INSTANCE);
        }
    }
}
