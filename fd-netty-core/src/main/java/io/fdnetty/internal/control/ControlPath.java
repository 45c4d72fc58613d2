package io.fdnetty.internal.control;

import static java.util.Objects.requireNonNull;

import io.fdnetty.UpgradeException;
import io.fdnetty.UpgradeStep;
import io.fdnetty.internal.sys.Credentials;
import io.netty.util.internal.PlatformDependent;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The place where a server and its successor meet: the path of the control socket, in a directory that nobody else can
 * write, and the lock beside it that tells two cold starts apart.
 *
 * <p>The checks and the lock block on the file system; they belong on the thread that starts the server. Source:
 * unix(7) on the permissions of a socket file.
 */
public final class ControlPath {
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(ControlPath.class);

    /** What fits into sun_path, 108 bytes on Linux and 104 on macOS, less the terminating zero. */
    private static final int MAX_PATH_BYTES = PlatformDependent.isOsx() ? 103 : 107;

    private static final int FILE_TYPE = 0170000;
    private static final int SOCKET = 0140000;
    private static final int LINK = 0120000;

    private final Path socket;
    private final int uid;

    private ControlPath(Path socket, int uid) {
        this.socket = socket;
        this.uid = uid;
    }

    /**
     * Checks the path and its directory.
     *
     * @throws UpgradeException step {@code path}, if the path is too long, or the directory is missing or somebody else
     *     could write to it or replace it, or if something else than a socket lies at the path
     */
    public static ControlPath at(Path path) throws UpgradeException {
        Path absolute = path.toAbsolutePath().normalize();
        Path name = absolute.getFileName();
        Path parent = absolute.getParent();
        if (name == null || parent == null) {
            throw new UpgradeException(UpgradeStep.PATH, "the control socket needs the path of a file, not " + path);
        }
        int uid = ownUid();
        ControlPath place =
                new ControlPath(checkLength(TrustedDirectory.at(parent, uid).resolve(name)), uid);
        place.checkSocketFile();
        return place;
    }

    private static Path checkLength(Path socket) throws UpgradeException {
        int bytes = socket.toString().getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_PATH_BYTES) {
            throw new UpgradeException(
                    UpgradeStep.PATH,
                    "the path of the control socket has " + bytes + " bytes, at most " + MAX_PATH_BYTES + " work: "
                            + socket);
        }
        return socket;
    }

    /**
     * Whether a socket lies there.
     *
     * @throws UpgradeException if something else does, a symbolic link too: connect(2) would follow it
     */
    private boolean checkSocketFile() throws UpgradeException {
        try {
            int mode = (Integer) Files.getAttribute(socket, "unix:mode", LinkOption.NOFOLLOW_LINKS);
            if ((mode & FILE_TYPE) != SOCKET) {
                throw new UpgradeException(
                        UpgradeStep.PATH,
                        socket + " exists and is not a socket"
                                + ((mode & FILE_TYPE) == LINK ? " but a symbolic link" : "")
                                + "; remove it or choose another path");
            }
            return true;
        } catch (NoSuchFileException e) {
            return false;
        } catch (UpgradeException e) {
            throw e;
        } catch (IOException e) {
            throw new UpgradeException(UpgradeStep.PATH, socket + " cannot be looked at: " + e, e);
        }
    }

    private static int ownUid() throws UpgradeException {
        try {
            return Credentials.effectiveUid();
        } catch (IOException e) {
            throw new UpgradeException(UpgradeStep.PATH, "this process's own user cannot be found: " + e, e);
        }
    }

    public Path socket() {
        return socket;
    }

    /** This process's effective user. */
    public int uid() {
        return uid;
    }

    /**
     * Takes the lock that a cold start holds from its last look for a predecessor until its control socket listens, and
     * a server that ends without a successor until it has closed its listeners. It dies with the process.
     *
     * @return the lock, which the caller closes; null if another process holds it
     */
    @Nullable
    public StartLock tryLock() throws UpgradeException {
        Path file = lockFile();
        try {
            FileChannel channel = FileChannel.open(
                    file,
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                    PosixFilePermissions.asFileAttribute(OWNER_ONLY));
            return lock(channel);
        } catch (IOException e) {
            throw new UpgradeException(UpgradeStep.PATH, "the lock file " + file + " cannot be opened: " + e, e);
        }
    }

    private static @Nullable StartLock lock(FileChannel channel) throws IOException {
        FileLock lock = null;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException heldByThisProcess) {
            return null;
        } finally {
            if (lock == null) {
                channel.close();
            }
        }
        return lock == null ? null : new StartLock(lock);
    }

    private Path lockFile() {
        return socket.resolveSibling(socket.getFileName() + ".lock");
    }

    /** Who serves here. */
    public ServerNote note() {
        return new ServerNote(lockFile());
    }

    /** What a start should know that found nobody here, and somebody at its address. */
    public String inUse() {
        return note().server()
                .map(process -> "; process " + process.pid() + " serves here, but nobody listens on its control socket "
                        + socket + " any more, so it cannot hand over: its log says why, or stop it first")
                .orElse("; nobody listens on the control socket " + socket
                        + ", so whoever has this address cannot hand it over");
    }

    /** What tells the file at the path from every other one; null if there is none. */
    @Nullable
    Object fileKey() {
        try {
            return Files.readAttributes(socket, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .fileKey();
        } catch (IOException e) {
            return null;
        }
    }

    /**
     * Makes the directory again if it is gone, for this user alone.
     *
     * @throws UpgradeException if it cannot be made, or is not safe
     */
    void restoreDirectory() throws UpgradeException {
        Path directory = requireNonNull(socket.getParent());
        try {
            if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
                Files.createDirectory(
                        directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
        } catch (IOException e) {
            throw new UpgradeException(
                    UpgradeStep.PATH, "the directory " + directory + " cannot be made again: " + e, e);
        }
        at(socket);
    }

    /** Makes the socket file the owner's alone. */
    public void restrict() throws IOException {
        Files.setPosixFilePermissions(socket, OWNER_ONLY);
    }

    /**
     * Removes the socket file that a dead process left.
     *
     * @throws UpgradeException if something else than a socket lies there
     */
    public void unlinkStale() throws IOException {
        if (checkSocketFile()) {
            unlink();
        }
    }

    /** Removes the socket file of a server that ends for good. */
    public void unlink() throws IOException {
        Files.deleteIfExists(socket);
    }

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    /** The held lock. */
    public record StartLock(FileLock lock) implements AutoCloseable {
        @Override
        public void close() throws UpgradeException {
            try {
                lock.acquiredBy().close();
            } catch (IOException e) {
                throw new UpgradeException(UpgradeStep.PATH, "the start lock cannot be released: " + e, e);
            }
        }

        /** Closes it; a failure is logged, and the end of the process helps. Any thread. */
        public void release() {
            try {
                close();
            } catch (UpgradeException e) {
                logger.warn("No server can start here until this process has ended: {}", e.getMessage());
            }
        }
    }
}
