package io.fdnetty.channel;

import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.BindException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The path to which a unix socket is bound. */
final class UnixPath {
    private UnixPath() {}

    /** Binds as bind(2) does: Netty's own call would first delete what is at the path, a live socket too. */
    static void bind(Socket socket, DomainSocketAddress address) throws IOException {
        String path = address.path();
        boolean inFileSystem = !path.isEmpty() && path.charAt(0) != '\0';
        if (inFileSystem && Files.exists(Path.of(path), LinkOption.NOFOLLOW_LINKS)) {
            throw new BindException(path + " exists; delete it if no process listens there any more");
        }
        socket.bind(address);
    }

    /** Null for a socket without a path, and where the kernel does not tell. */
    static @Nullable DomainSocketAddress orNull(@Nullable DomainSocketAddress address) {
        return address == null || address.path().isEmpty() ? null : address;
    }
}
