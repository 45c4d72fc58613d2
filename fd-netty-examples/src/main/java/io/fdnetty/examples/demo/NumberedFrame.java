package io.fdnetty.examples.demo;

import io.netty.buffer.ByteBuf;
import java.util.zip.CRC32C;

/**
 * The frames that the clients send and want back unchanged.
 *
 * <pre>
 *   0        4                12           16                          4 + length
 *   +--------+----------------+------------+---------------------------+--------+
 *   | length | sequence       | connection | filling, 0..n bytes       | CRC32C |
 *   +--------+----------------+------------+---------------------------+--------+
 *              the checksum covers sequence, connection and filling
 * </pre>
 *
 * <p>The size of a frame follows from its connection and sequence number, so that a frame that is missing says how many
 * bytes are missing. Numbers are big-endian. Stateless; every method may be called on any thread.
 */
public final class NumberedFrame {
    public static final int LENGTH_BYTES = 4;
    private static final int CHECKSUM_BYTES = 4;
    private static final int FIXED_BYTES = LENGTH_BYTES + 8 + 4 + CHECKSUM_BYTES;
    private static final int USUAL_FILLING = 400;
    private static final int LONG_FILLING = 8_000;
    private static final int EVERY_LONG = 200;
    public static final int MAX_BYTES = FIXED_BYTES + LONG_FILLING;

    private NumberedFrame() {}

    /**
     * The bytes of a whole frame, its length field included: mostly short ones, now and then one of several segments.
     */
    static int size(int connection, long sequence) {
        long mixed = mix(connection * 0x9E3779B97F4A7C15L + sequence);
        boolean isLong = Long.remainderUnsigned(mixed >>> 32, EVERY_LONG) == 0;
        return FIXED_BYTES + (int) Long.remainderUnsigned(mixed, isLong ? LONG_FILLING : USUAL_FILLING);
    }

    public static void write(int connection, long sequence, ByteBuf out) {
        int size = size(connection, sequence);
        out.ensureWritable(size);
        out.writeInt(size - LENGTH_BYTES);
        int start = out.writerIndex();
        out.writeLong(sequence);
        out.writeInt(connection);
        out.writeBytes(filling(sequence, size - FIXED_BYTES));
        out.writeInt(checksum(out, start, out.writerIndex() - start));
    }

    private static byte[] filling(long sequence, int length) {
        byte[] filling = new byte[length];
        for (int i = 0; i < length; i++) {
            filling[i] = (byte) (sequence + i);
        }
        return filling;
    }

    /** Whether a frame, from its length field on, is one that was sent on this connection. */
    public static boolean isIntact(int connection, ByteBuf frame) {
        int size = frame.readableBytes();
        int start = frame.readerIndex();
        if (size < FIXED_BYTES || frame.getInt(start + LENGTH_BYTES + 8) != connection) {
            return false;
        }
        int covered = size - LENGTH_BYTES - CHECKSUM_BYTES;
        return frame.getInt(start + size - CHECKSUM_BYTES) == checksum(frame, start + LENGTH_BYTES, covered)
                && size == size(connection, sequence(frame));
    }

    public static long sequence(ByteBuf frame) {
        return frame.getLong(frame.readerIndex() + LENGTH_BYTES);
    }

    private static int checksum(ByteBuf bytes, int index, int length) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes.nioBuffer(index, length));
        return (int) checksum.getValue();
    }

    /** The finalizer of splitmix64: neighbours in, unrelated numbers out. */
    private static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
