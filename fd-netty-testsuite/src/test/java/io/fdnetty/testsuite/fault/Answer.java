package io.fdnetty.testsuite.fault;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Arrays;

/**
 * What {@link FaultServer} says to a frame.
 *
 * <pre>
 *  frame                                answer
 * +--------+----------+-----------+    +--------+-------+-----------------+----------+-----------+
 * | length | sequence | filler    |    | length | pid   | frames before   | sequence | filler    |
 * | u32    | u64      | 0 or more |    | u32    | u64   | u64             | u64      | the same  |
 * +--------+----------+-----------+    +--------+-------+-----------------+----------+-----------+
 *  length = of all that follows it; each byte of the filler is told by the sequence and its place
 * </pre>
 *
 * @param pid of the process that answered
 * @param before how many frames of this connection its handler had seen before
 * @param sequence of the frame
 * @param intact whether the filler is that of the frame, whole
 */
record Answer(long pid, long before, long sequence, boolean intact) {
    private static final long PID = ProcessHandle.current().pid();
    private static final int LONGEST = 3000;

    /** Server: the answer to a frame without its length. */
    static ByteBuf to(ByteBuf frame, long before, ByteBufAllocator allocator) {
        int length = 2 * Long.BYTES + frame.readableBytes();
        return allocator
                .buffer(Integer.BYTES + length)
                .writeInt(length)
                .writeLong(PID)
                .writeLong(before)
                .writeBytes(frame);
    }

    /** Client: the frame of this number. */
    static void writeFrame(long sequence, ByteBuf out) {
        byte[] filler = filler(sequence);
        out.writeInt(Long.BYTES + filler.length).writeLong(sequence).writeBytes(filler);
    }

    /** Client: an answer without its length. */
    static Answer read(ByteBuf in) {
        long pid = in.readLong();
        long before = in.readLong();
        long sequence = in.readLong();
        byte[] filler = new byte[in.readableBytes()];
        in.readBytes(filler);
        return new Answer(pid, before, sequence, Arrays.equals(filler, filler(sequence)));
    }

    private static byte[] filler(long sequence) {
        byte[] filler = new byte[(int) Math.floorMod(sequence * 7919, (long) LONGEST)];
        for (int i = 0; i < filler.length; i++) {
            filler[i] = (byte) (sequence * 31 + i);
        }
        return filler;
    }
}
