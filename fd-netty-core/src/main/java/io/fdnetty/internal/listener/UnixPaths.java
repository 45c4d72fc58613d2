package io.fdnetty.internal.listener;

import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/** Makes way for a unix listener: removes the socket file that a dead process has left. */
final class UnixPaths {
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(UnixPaths.class);

    private UnixPaths() {}

    /**
     * Removes the file at the address if it is a socket on which nobody listens any more. Never blocks.
     *
     * <p>Two processes that do this for the same path at once must be told apart by the caller.
     *
     * @throws BindException if somebody listens there, or the file is not a socket
     */
    static void removeStale(DomainSocketAddress address) throws IOException {
        String path = address.path();
        if (path.isEmpty() || path.charAt(0) == 0) {
            return; // no name, or an abstract one: there is no file
        }
        Path file = Path.of(path);
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isOther()) {
            throw new BindException(path + " exists and is not a socket");
        }
        probe(file);
        logger.info("Removing {}, on which nobody listens any more", path);
        Files.deleteIfExists(file);
    }

    /** Connects: whatever is not refused, a full queue too, means that somebody listens or that we cannot tell. */
    private static void probe(Path file) throws BindException {
        Throwable cause = null;
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.configureBlocking(false);
            probe.connect(UnixDomainSocketAddress.of(file));
        } catch (ConnectException refused) {
            return;
        } catch (IOException e) {
            cause = e;
        }
        BindException inUse = new BindException(file + " is in use: another process listens there");
        inUse.initCause(cause);
        throw inUse;
    }
}
