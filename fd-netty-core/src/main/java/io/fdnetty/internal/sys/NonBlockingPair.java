package io.fdnetty.internal.sys;

import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;

/**
 * Sets O_NONBLOCK without fcntl: Netty's {@code recvFd} sets it on whatever passes through a socket pair.
 *
 * <p>Thread-safe; calls wait for each other. The pair lives as long as the process.
 */
final class NonBlockingPair {
    private static final int ADDRESS_BYTES = 26;
    private static final long PATIENCE_NANOS = 100_000_000;
    private static final long RETRY_NANOS = 200_000;

    private final Socket in;
    private final Socket out;

    private NonBlockingPair(Socket in, Socket out) {
        this.in = in;
        this.out = out;
    }

    static NonBlockingPair open() throws IOException {
        Path file = PlatformDependent.isOsx()
                ? Files.createTempDirectory("fd-netty").resolve("s")
                : null;
        String name = file == null ? "\0fd-netty-" + UUID.randomUUID() : file.toString();
        Socket listener = Socket.newSocketDomain();
        try {
            listener.bind(new DomainSocketAddress(name));
            listener.listen(1);
            return connect(listener, name);
        } finally {
            listener.close();
            if (file != null) {
                Files.deleteIfExists(file);
                Files.deleteIfExists(file.resolveSibling(""));
            }
        }
    }

    private static NonBlockingPair connect(Socket listener, String name) throws IOException {
        Socket in = Socket.newSocketDomain();
        boolean connected = false;
        try {
            in.connect(new DomainSocketAddress(name));
            Socket out = new Socket(listener.accept(new byte[ADDRESS_BYTES]));
            connected = true;
            return new NonBlockingPair(in, out);
        } finally {
            if (!connected) {
                in.close();
            }
        }
    }

    /** Sets it. The descriptor stays the caller's. */
    synchronized void pass(FileDescriptor fd) throws IOException {
        send(fd);
        int copy = receive();
        if (copy <= 0) {
            throw new IOException("the descriptor did not come out of the socket pair");
        }
        new FileDescriptor(copy).close();
    }

    /**
     * This user's other processes may have as many descriptors in flight as the kernel allows: for moments, since they
     * are read as fast as they come.
     */
    private void send(FileDescriptor fd) throws IOException {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        int sent = trySend(fd);
        while (sent == -Errno.ETOOMANYREFS && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(RETRY_NANOS);
            sent = trySend(fd);
        }
        if (sent <= 0) {
            throw Errno.failure("sendmsg", sent == 0 ? Errno.EAGAIN : -sent, "a socket pair of our own");
        }
    }

    private int trySend(FileDescriptor fd) {
        try {
            return in.sendFd(fd.intValue());
        } catch (IOException e) {
            return Errno.negated(e);
        }
    }

    /** It comes out under a second number. */
    private int receive() throws IOException {
        try {
            return out.recvFd();
        } catch (IOException e) {
            if (Errno.negated(e) == -Errno.EMSGSIZE) {
                throw new IOException(
                        "no descriptor is left to work with; is the limit of open files (ulimit -n) too low?", e);
            }
            throw e;
        }
    }
}
