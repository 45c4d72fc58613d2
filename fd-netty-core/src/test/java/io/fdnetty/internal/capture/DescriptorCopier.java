package io.fdnetty.internal.capture;

import io.fdnetty.fd.Descriptor;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Duplicates descriptors as an upgrade does: through a pair of unix sockets. */
final class DescriptorCopier implements AutoCloseable {
    private final Socket in = Socket.newSocketDomain();
    private final Socket out;

    DescriptorCopier() throws IOException {
        Path directory = Files.createTempDirectory("fd-netty");
        Path path = directory.resolve("s");
        Socket listener = Socket.newSocketDomain();
        try {
            listener.bind(new DomainSocketAddress(path.toString()));
            listener.listen(1);
            in.connect(new DomainSocketAddress(path.toString()));
            out = new Socket(listener.accept(new byte[26]));
        } finally {
            listener.close();
            Files.deleteIfExists(path);
            Files.deleteIfExists(directory);
        }
    }

    synchronized Descriptor copy(Descriptor original) throws IOException {
        in.sendFd(original.peek().intValue());
        int copy = out.recvFd();
        if (copy < 0) {
            throw new IOException("recvFd: " + copy);
        }
        return Descriptor.adopt(new FileDescriptor(copy), original.name());
    }

    @Override
    public void close() throws IOException {
        in.close();
        out.close();
    }
}
