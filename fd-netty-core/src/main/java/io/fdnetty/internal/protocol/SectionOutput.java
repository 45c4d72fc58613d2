package io.fdnetty.internal.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One state section on its way out: an author's bytes, cut into {@code STATE} chunks and sent under back-pressure.
 *
 * <p>Used by one thread that is not the channel's event loop; a write blocks while {@value #CHUNKS_IN_FLIGHT} chunks
 * are unsent, and fails with an {@link IOException} when the peer took nothing for the stall limit or the channel is
 * gone. So at most one mebibyte of a section is in memory, whatever its size.
 */
public final class SectionOutput extends OutputStream {
    private static final int CHUNKS_IN_FLIGHT = 16;

    private final Channel channel;
    private final Duration stallLimit;
    private final Runnable progress;
    private final Semaphore credit = new Semaphore(CHUNKS_IN_FLIGHT);
    private final CRC32C checksum = new CRC32C();
    private @Nullable ByteBuf chunk;
    private long length;
    private volatile @Nullable Throwable failure;

    private SectionOutput(Channel channel, Duration stallLimit, Runnable progress) {
        this.channel = channel;
        this.stallLimit = stallLimit;
        this.progress = progress;
    }

    /** Writes the author's bytes. */
    @FunctionalInterface
    public interface Source {
        /**
         * Writes everything to {@code out}, which is borrowed.
         *
         * @throws IOException if the state cannot be saved or sent
         */
        void writeTo(OutputStream out) throws IOException;
    }

    /**
     * Sends one whole section: its begin, its bytes, its end with length and checksum. Blocks until all of it is on its
     * way.
     *
     * @param progress run on the event loop whenever a chunk went out
     * @return the section's length in bytes
     * @throws IOException what the source threw, or that the peer took nothing for the stall limit, or that the channel
     *     failed
     */
    public static long send(
            Channel channel, Message.StateBegin begin, Source source, Duration stallLimit, Runnable progress)
            throws IOException {
        SectionOutput out = new SectionOutput(channel, stallLimit, progress);
        channel.write(begin);
        try {
            source.writeTo(out);
            return out.finish();
        } finally {
            out.discard();
        }
    }

    @Override
    public void write(int b) throws IOException {
        room().writeByte(b);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
        int from = offset;
        int end = offset + count;
        while (from < end) {
            ByteBuf room = room();
            int now = Math.min(end - from, room.writableBytes());
            room.writeBytes(bytes, from, now);
            from += now;
        }
    }

    private ByteBuf room() throws IOException {
        ByteBuf current = chunk;
        if (current != null && !current.isWritable()) {
            ship(current);
            current = null;
        }
        if (current == null) {
            current = channel.alloc().directBuffer(MessageLimits.CHUNK, MessageLimits.CHUNK);
            chunk = current;
        }
        return current;
    }

    private void ship(ByteBuf bytes) throws IOException {
        awaitCredit();
        checksum.update(bytes.nioBuffer());
        length += bytes.readableBytes();
        chunk = null;
        channel.writeAndFlush(new Message.StateChunk(bytes)).addListener((ChannelFuture sent) -> sent(sent.cause()));
    }

    private void sent(@Nullable Throwable cause) {
        if (cause == null) {
            progress.run();
        } else {
            failure = cause;
        }
        credit.release();
    }

    private void awaitCredit() throws IOException {
        try {
            if (!credit.tryAcquire(stallLimit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException("the successor took no state for " + stallLimit.toSeconds() + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted while sending state").initCause(e);
        }
        Throwable cause = failure;
        if (cause != null) {
            throw new IOException("the control socket failed while sending state: " + cause, cause);
        }
    }

    private long finish() throws IOException {
        ByteBuf rest = chunk;
        if (rest != null && rest.isReadable()) {
            ship(rest);
        }
        channel.writeAndFlush(new Message.StateEnd(length, (int) checksum.getValue()));
        return length;
    }

    private void discard() {
        if (chunk != null) {
            chunk.release();
            chunk = null;
        }
    }
}
