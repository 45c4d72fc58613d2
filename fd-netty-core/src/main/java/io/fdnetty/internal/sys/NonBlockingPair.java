package io.fdnetty.internal.sys;

import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/**
 * Sets O_NONBLOCK without fcntl: Netty's {@code recvFd} sets it on whatever passes through a socket pair.
 *
 * <p>Thread-safe; calls wait for each other. The pair lives as long as the process.
 */
final class NonBlockingPair {
    private static final int ADDRESS_BYTES = 26;

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
        if (in.sendFd(fd.intValue()) <= 0) {
            throw new IOException("no room in an empty socket pair");
        }
        int copy = out.recvFd();
        if (copy <= 0) {
            throw new IOException("the descriptor did not come out of the socket pair");
        }
        new FileDescriptor(copy).close();
    }
}
