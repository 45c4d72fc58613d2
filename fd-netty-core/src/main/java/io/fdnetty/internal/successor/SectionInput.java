package io.fdnetty.internal.successor;

import io.fdnetty.internal.protocol.Message;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One state section on its way in: chunks from the control loop, read as a stream by one loader thread.
 *
 * <p>The event loop adds chunks and never blocks; when more than {@value #HIGH_WATER} bytes wait it is told to stop
 * reading the control socket, below {@value #LOW_WATER} to go on. The loader blocks in {@code read}; whoever ends the
 * hand-over calls {@link #fail}, which wakes it. Owns its chunks; {@link #close} releases them.
 */
final class SectionInput extends InputStream {
    private static final int HIGH_WATER = 1 << 20;
    private static final int LOW_WATER = 1 << 18;

    /** Told on the thread that crossed a mark. */
    interface Pressure {
        void stopReading();

        void goOnReading();
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<ByteBuf> chunks = new ArrayDeque<>();
    private final CRC32C checksum = new CRC32C();
    private final Pressure pressure;
    private int waiting;
    private long consumed;
    private boolean stopped;
    private boolean closed;
    private Message.@Nullable StateEnd end;
    private @Nullable String failure;

    SectionInput(Pressure pressure) {
        this.pressure = pressure;
    }

    /** Adds a chunk, which this takes over; on the event loop. */
    void add(ByteBuf bytes) {
        boolean stop;
        lock.lock();
        try {
            if (closed || failure != null) {
                bytes.release();
                return;
            }
            chunks.add(bytes);
            waiting += bytes.readableBytes();
            stop = waiting > HIGH_WATER && !stopped;
            stopped |= stop;
            changed.signal();
        } finally {
            lock.unlock();
        }
        if (stop) {
            pressure.stopReading();
        }
    }

    /** Says that no chunk follows, and what all of them must amount to. */
    void end(Message.StateEnd announced) {
        lock.lock();
        try {
            end = announced;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Wakes the loader with an error: nothing more will come. */
    void fail(String reason) {
        lock.lock();
        try {
            failure = reason;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Whether the hand-over ended before the section was whole. */
    boolean wasCut() {
        lock.lock();
        try {
            return failure != null;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int count) throws IOException {
        Objects.checkFromIndexSize(offset, count, target.length);
        if (count == 0) {
            return 0;
        }
        boolean goOn;
        int taken;
        lock.lock();
        try {
            taken = awaitBytes() ? take(target, offset, count) : -1;
            goOn = stopped && waiting < LOW_WATER;
            stopped &= !goOn;
        } finally {
            lock.unlock();
        }
        if (goOn) {
            pressure.goOnReading();
        }
        return taken;
    }

    private boolean awaitBytes() throws IOException {
        try {
            while (chunks.isEmpty() && end == null && failure == null && !closed) {
                changed.await();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted while loading state").initCause(e);
        }
        if (failure != null) {
            throw new IOException(failure);
        }
        return !chunks.isEmpty();
    }

    private int take(byte[] target, int offset, int count) {
        ByteBuf first = chunks.element();
        int now = Math.min(count, first.readableBytes());
        first.readBytes(target, offset, now);
        if (!first.isReadable()) {
            chunks.remove().release();
        }
        checksum.update(target, offset, now);
        consumed += now;
        waiting -= now;
        return now;
    }

    /**
     * Skips what the author left unread and compares length and checksum with what was announced; on the loader's
     * thread.
     *
     * @return the section's length
     * @throws IOException if they differ, or the hand-over ended first
     */
    long verify() throws IOException {
        byte[] skipped = new byte[8192];
        while (read(skipped, 0, skipped.length) >= 0) {
            // Skipped bytes count into the checksum.
        }
        Message.StateEnd announced = Objects.requireNonNull(end, "the stream ended without an end");
        if (announced.length() != consumed) {
            throw new IOException("length " + consumed + " instead of the announced " + announced.length());
        }
        if (announced.crc32c() != (int) checksum.getValue()) {
            throw new IOException("checksum " + Integer.toHexString((int) checksum.getValue())
                    + " instead of the announced " + Integer.toHexString(announced.crc32c()));
        }
        return consumed;
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            chunks.forEach(ByteBuf::release);
            chunks.clear();
            changed.signal();
        } finally {
            lock.unlock();
        }
    }
}
