package io.fdnetty.internal.sys;

import io.netty.channel.unix.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The memory that sendmsg and recvmsg read and write, one for each thread.
 *
 * <pre>
 *     0  errno        int       captured by the foreign linker
 *     8  struct msghdr
 *          +0  name pointer     0
 *          +8  name length      0
 *         +16  iovec pointer
 *         +24  iovec count      1
 *         +32  control pointer
 *         +40  control length
 *         +48  flags            written by recvmsg
 *    64  struct iovec           base pointer, length
 *    80  control                one struct cmsghdr (length, level, type) and up to 256 descriptors
 *  1120  carrier byte           0
 * </pre>
 *
 * <p>Not thread-safe. Source: recvmsg(2), cmsg(3), the 64-bit ABI of Linux (glibc and musl alike on little-endian).
 */
final class MessageMemory {
    static final int MAX_DESCRIPTORS = 253;

    private static final int ERRNO = 0;
    private static final int HEADER = ERRNO + 8;
    private static final int IOVEC_POINTER = HEADER + 16;
    private static final int IOVEC_COUNT = HEADER + 24;
    private static final int CONTROL_POINTER = HEADER + 32;
    private static final int CONTROL_LENGTH = HEADER + 40;
    private static final int FLAGS = HEADER + 48;
    private static final int IOVEC_BASE = HEADER + 56;
    private static final int IOVEC_LENGTH = IOVEC_BASE + 8;
    private static final int CONTROL = IOVEC_LENGTH + 8;
    private static final int CONTROL_CAPACITY = 1040;
    private static final int CARRIER_BYTE = CONTROL + CONTROL_CAPACITY;
    private static final int SIZE = CARRIER_BYTE + 8;

    private static final int CMSG_LEVEL = 8;
    private static final int CMSG_TYPE = 12;
    private static final int CMSG_DATA = 16;
    private static final int SOL_SOCKET = 1;
    private static final int SCM_RIGHTS = 1;
    private static final int MSG_CTRUNC = 8;

    private final ByteBuffer memory = ByteBuffer.allocateDirect(SIZE).order(ByteOrder.nativeOrder());
    private final ByteBuffer errnoBuffer = memory.slice(ERRNO, Integer.BYTES).order(memory.order());
    private final long address = Buffer.memoryAddress(memory);
    /** The segment for errno, see {@link ForeignCalls}. */
    final Object state = ForeignCalls.stateIn(errnoBuffer);

    MessageMemory() {
        memory.putLong(IOVEC_POINTER, address + IOVEC_BASE);
        memory.putLong(IOVEC_COUNT, 1);
        memory.putLong(CONTROL_POINTER, address + CONTROL);
    }

    int errno() {
        return memory.getInt(ERRNO);
    }

    /** Address of the msghdr for one carrier byte with descriptors. */
    long outgoing(int[] descriptors, int count) {
        int controlLength = CMSG_DATA + count * Integer.BYTES;
        memory.putLong(IOVEC_BASE, address + CARRIER_BYTE);
        memory.putLong(IOVEC_LENGTH, 1);
        memory.putLong(CONTROL, controlLength);
        memory.putInt(CONTROL + CMSG_LEVEL, SOL_SOCKET);
        memory.putInt(CONTROL + CMSG_TYPE, SCM_RIGHTS);
        for (int i = 0; i < count; i++) {
            memory.putInt(CONTROL + CMSG_DATA + i * Integer.BYTES, descriptors[i]);
        }
        memory.putLong(CONTROL_LENGTH, align(controlLength));
        memory.putInt(FLAGS, 0);
        return address + HEADER;
    }

    /** Address of the msghdr for reading up to {@code length} bytes to {@code destination}. */
    long incoming(long destination, int length) {
        memory.putLong(IOVEC_BASE, destination);
        memory.putLong(IOVEC_LENGTH, length);
        memory.putLong(CONTROL_LENGTH, CONTROL_CAPACITY);
        memory.putInt(FLAGS, 0);
        return address + HEADER;
    }

    /** What the kernel wrote into the control buffer. */
    void collect(ReceivedDescriptors into) {
        int end = CONTROL + (int) memory.getLong(CONTROL_LENGTH);
        int at = CONTROL;
        while (at + CMSG_DATA <= end) {
            int length = (int) memory.getLong(at);
            if (length < CMSG_DATA) {
                break;
            }
            collect(at, Math.min(at + length, end), into);
            at += align(length);
        }
        if ((memory.getInt(FLAGS) & MSG_CTRUNC) != 0) {
            into.markTruncated();
        }
    }

    private void collect(int header, int end, ReceivedDescriptors into) {
        boolean rights =
                memory.getInt(header + CMSG_LEVEL) == SOL_SOCKET && memory.getInt(header + CMSG_TYPE) == SCM_RIGHTS;
        for (int at = header + CMSG_DATA; rights && at + Integer.BYTES <= end; at += Integer.BYTES) {
            into.add(memory.getInt(at));
        }
    }

    private static int align(int length) {
        return (length + 7) & ~7;
    }
}
