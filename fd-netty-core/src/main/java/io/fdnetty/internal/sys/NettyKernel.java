package io.fdnetty.internal.sys;

import io.netty.channel.ChannelException;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The calls that Netty's own native library offers: one descriptor for each message, on every platform and JDK.
 *
 * <p>A plain read drops descriptors, so it must end before the byte that carries one. {@code recvFd} overwrites the
 * status flags of what arrives with O_NONBLOCK and sets no FD_CLOEXEC.
 */
final class NettyKernel implements Kernel {
    @Override
    public String name() {
        return "netty";
    }

    @Override
    public int descriptorsPerMessage() {
        return 1;
    }

    @Override
    public boolean readsAhead() {
        return false;
    }

    @Override
    public int send(Socket socket, long address, int length) {
        try {
            int sent = socket.sendAddress(address, 0, length);
            return sent == 0 ? -Errno.EAGAIN : sent;
        } catch (IOException | RuntimeException e) {
            return Errno.negated(e);
        }
    }

    @Override
    public long send(Socket socket, long vector, int count, long bytes) {
        try {
            long sent = socket.writevAddresses(vector, count);
            return sent == 0 ? -Errno.EAGAIN : sent;
        } catch (IOException | RuntimeException e) {
            return Errno.negated(e);
        }
    }

    @Override
    public int sendDescriptors(Socket socket, int[] descriptors, int count) {
        if (count != 1) {
            return -Errno.EINVAL;
        }
        try {
            int sent = socket.sendFd(descriptors[0]);
            return sent < 0 ? -Errno.EAGAIN : sent;
        } catch (IOException e) {
            return Errno.negated(e);
        }
    }

    @Override
    public int receive(Socket socket, long address, int length, ReceivedDescriptors into) {
        into.clear();
        try {
            int read = socket.recvAddress(address, 0, length);
            if (read == 0) {
                return -Errno.EAGAIN;
            }
            return Math.max(read, 0);
        } catch (IOException | RuntimeException e) {
            return Errno.negated(e);
        }
    }

    @Override
    public int receiveDescriptor(Socket socket, ReceivedDescriptors into) {
        into.clear();
        try {
            int fd = socket.recvFd();
            if (fd <= 0) {
                return fd == 0 ? -Errno.EAGAIN : 0;
            }
            into.add(fd);
            return 1;
        } catch (IOException e) {
            return dropped(socket, -Errno.negated(e), into);
        }
    }

    /** Netty has closed what it could not use; the byte is read anyhow. */
    private static int dropped(Socket socket, int errno, ReceivedDescriptors into) {
        boolean dropped = errno == Errno.EMSGSIZE || errno == Errno.EINVAL || isUnsettable(socket, errno);
        if (!dropped) {
            return -errno;
        }
        into.markTruncated();
        return 1;
    }

    /**
     * Netty sets O_NONBLOCK on what arrives: EBADF for one that was opened with O_PATH, EPERM for a file that is
     * append-only. Then the socket itself is well.
     */
    private static boolean isUnsettable(Socket socket, int errno) {
        if (errno != Errno.EBADF && errno != Errno.EPERM) {
            return false;
        }
        try {
            socket.getSoError();
            return true;
        } catch (IOException itIsTheSocket) {
            return false;
        }
    }

    @Override
    public void makeNonBlocking(FileDescriptor fd) throws IOException {
        Pair.open().pass(fd);
    }

    @Override
    public void closeOnExec(FileDescriptor fd) {
        // Netty has no call for it; the children of ProcessBuilder close everything above 2
    }

    /** Opened when it is first needed; a process that has no descriptor left then may have some later. */
    private static final class Pair {
        private static @Nullable NonBlockingPair instance;

        static synchronized NonBlockingPair open() throws IOException {
            NonBlockingPair opened = instance;
            if (opened == null) {
                opened = openNow();
                instance = opened;
            }
            return opened;
        }

        private static NonBlockingPair openNow() throws IOException {
            try {
                return NonBlockingPair.open();
            } catch (ChannelException e) { // as which Netty tells that there is no socket
                throw new IOException("a socket pair cannot be opened: " + e.getMessage(), e);
            }
        }
    }
}
