package io.fdnetty.internal.sys;

import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import io.netty.util.concurrent.FastThreadLocal;
import java.io.IOException;

/**
 * sendmsg and recvmsg by foreign calls: 253 descriptors for each message, close-on-exec from the first instant, and
 * every flag of what passes left as it is. Plain writes stay with Netty's native library.
 *
 * <p>Only where {@link ForeignCalls#unavailabilityCause} is null.
 */
final class ForeignKernel implements Kernel {
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int MSG_CMSG_CLOEXEC = 0x40000000;
    private static final int F_SETFD = 2;
    private static final int F_GETFL = 3;
    private static final int F_SETFL = 4;
    private static final int FD_CLOEXEC = 1;
    private static final int O_NONBLOCK = 0x800;
    private static final int O_PATH = 010000000;

    private final NettyKernel plain = new NettyKernel();
    private final FastThreadLocal<MessageMemory> memory = new FastThreadLocal<>() {
        @Override
        protected MessageMemory initialValue() {
            return new MessageMemory();
        }
    };

    @Override
    public String name() {
        return "foreign";
    }

    @Override
    public int descriptorsPerMessage() {
        return MessageMemory.MAX_DESCRIPTORS;
    }

    @Override
    public boolean readsAhead() {
        return true;
    }

    @Override
    public int send(Socket socket, long address, int length) {
        return plain.send(socket, address, length);
    }

    @Override
    public long send(Socket socket, long vector, int count, long bytes) {
        return plain.send(socket, vector, count, bytes);
    }

    @Override
    public int sendDescriptors(Socket socket, int[] descriptors, int count) {
        if (count < 1 || count > MessageMemory.MAX_DESCRIPTORS) {
            return -Errno.EINVAL;
        }
        MessageMemory m = memory.get();
        for (; ; ) {
            long message = m.outgoing(descriptors, count);
            long sent = ForeignCalls.sendmsg(m.state, socket.intValue(), message, MSG_NOSIGNAL | MSG_DONTWAIT);
            if (sent >= 0) {
                return (int) sent;
            }
            int errno = m.errno();
            if (errno != Errno.EINTR) {
                return -errno;
            }
        }
    }

    @Override
    public int receive(Socket socket, long address, int length, ReceivedDescriptors into) {
        MessageMemory m = memory.get();
        into.clear();
        for (; ; ) {
            long message = m.incoming(address, length);
            long read = ForeignCalls.recvmsg(m.state, socket.intValue(), message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
            if (read >= 0) {
                m.collect(into);
                return (int) read;
            }
            int errno = m.errno();
            if (errno != Errno.EINTR) {
                return -errno;
            }
        }
    }

    @Override
    public int receiveDescriptor(Socket socket, ReceivedDescriptors into) {
        throw new UnsupportedOperationException("receive() brings the descriptors");
    }

    @Override
    public void makeNonBlocking(FileDescriptor fd) throws IOException {
        int flags = fcntl(fd, F_GETFL, 0, "F_GETFL");
        if ((flags & O_PATH) != 0) {
            throw new IOException("descriptor " + fd.intValue() + " was opened with O_PATH: it is no open file");
        }
        if ((flags & O_NONBLOCK) == 0) {
            fcntl(fd, F_SETFL, flags | O_NONBLOCK, "F_SETFL, O_NONBLOCK");
        }
    }

    @Override
    public void closeOnExec(FileDescriptor fd) throws IOException {
        fcntl(fd, F_SETFD, FD_CLOEXEC, "F_SETFD, FD_CLOEXEC");
    }

    private int fcntl(FileDescriptor fd, int command, int argument, String values) throws IOException {
        MessageMemory m = memory.get();
        int result = ForeignCalls.fcntl(m.state, fd.intValue(), command, argument);
        if (result < 0) {
            throw Errno.failure("fcntl", m.errno(), fd.intValue() + ", " + values);
        }
        return result;
    }
}
