package io.fdnetty;

import io.fdnetty.internal.sys.Credentials;
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
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The place where a server and its successor meet: the path of the control socket, in a directory that nobody else can write, and the lock beside it that tells two cold starts apart.
 *
 * <p>The checks and the lock block on the file system; they belong on the thread that starts the server. Source: unix(7) on the permissions of a socket file.
 */
final class Rendezvous {
    /** What fits into sun_path on every platform, less the terminating zero: 108 on Linux, 104 on macOS. */
    private static final int MAX_PATH_BYTES = 103;

    private static final int GROUP_OR_OTHERS_WRITE = 0022;
    private static final int OTHERS_WRITE = 0002;
    private static final int STICKY = 01000;
    private static final int ROOT = 0;
    private static final int FILE_TYPE = 0170000;
    private static final int SOCKET = 0140000;

    private final Path socket;
    private final int uid;

    private Rendezvous(Path socket, int uid) {
        this.socket = socket;
        this.uid = uid;
    }

    /**
     * Checks the path and its directory.
     *
     * @throws UpgradeException step {@code path}, if the path is too long, or the directory is missing or could be written by somebody else
     */
    static Rendezvous at(Path path) throws UpgradeException {
        Path absolute = path.toAbsolutePath().normalize();
        Path name = absolute.getFileName();
        Path parent = absolute.getParent();
        if (name == null || parent == null) {
            throw new UpgradeException("path", "the control socket needs the path of a file, not " + path);
        }
        Path directory = realDirectory(parent);
        int uid = ownUid();
        checkOwner(directory, uid);
        for (Path above = directory.getParent(); above != null; above = above.getParent()) {
            checkAncestor(above);
        }
        return new Rendezvous(checkLength(directory.resolve(name)), uid);
    }

    private static Path checkLength(Path socket) throws UpgradeException {
        int bytes = socket.toString().getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_PATH_BYTES) {
            throw new UpgradeException(
                    "path",
                    "the path of the control socket has " + bytes + " bytes, at most " + MAX_PATH_BYTES + " work: "
                            + socket);
        }
        return socket;
    }

    private static Path realDirectory(Path parent) throws UpgradeException {
        try {
            Path directory = parent.toRealPath();
            if (Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
                return directory;
            }
            throw new UpgradeException("path", parent + " is not a directory");
        } catch (NoSuchFileException e) {
            throw new UpgradeException(
                    "path", "the directory of the control socket does not exist; create it: mkdir -m 700 " + parent, e);
        } catch (UpgradeException e) {
            throw e;
        } catch (IOException e) {
            throw new UpgradeException("path", "the directory " + parent + " cannot be opened: " + e, e);
        }
    }

    private static void checkOwner(Path directory, int uid) throws UpgradeException {
        Attributes attributes = Attributes.of(directory);
        if ((attributes.mode & GROUP_OR_OTHERS_WRITE) != 0) {
            throw new UpgradeException(
                    "path",
                    "other users can write to " + directory + " (mode " + Integer.toOctalString(attributes.mode & 07777)
                            + "): put the control socket into a directory that only you can write, such as: mkdir -m 700 "
                            + directory.resolve("fdnetty"));
        }
        if (attributes.uid != ROOT && attributes.uid != uid) {
            throw new UpgradeException(
                    "path",
                    "the directory " + directory + " belongs to uid " + attributes.uid + ", not to this process's uid "
                            + uid);
        }
    }

    private static void checkAncestor(Path above) throws UpgradeException {
        int mode = Attributes.of(above).mode;
        if ((mode & OTHERS_WRITE) != 0 && (mode & STICKY) == 0) {
            throw new UpgradeException(
                    "path", "other users can rename what lies in " + above + ": put the control socket elsewhere");
        }
    }

    private static int ownUid() throws UpgradeException {
        try {
            return Credentials.effectiveUid();
        } catch (IOException e) {
            throw new UpgradeException("path", "this process's own user cannot be found: " + e, e);
        }
    }

    Path socket() {
        return socket;
    }

    /** This process's effective user. */
    int uid() {
        return uid;
    }

    /**
     * Takes the lock that a cold start holds from its last look for a predecessor until its control socket listens. It dies with the process.
     *
     * @return the lock, which the caller closes; null if another process holds it
     */
    @Nullable
    StartLock tryLock() throws UpgradeException {
        Path file = socket.resolveSibling(socket.getFileName() + ".lock");
        try {
            FileChannel channel = FileChannel.open(
                    file,
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                    PosixFilePermissions.asFileAttribute(OWNER_ONLY));
            return lock(channel);
        } catch (IOException e) {
            throw new UpgradeException("path", "the lock file " + file + " cannot be opened: " + e, e);
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

    /** Makes the socket file the owner's alone. */
    void restrict() throws IOException {
        Files.setPosixFilePermissions(socket, OWNER_ONLY);
    }

    /**
     * Removes the socket file that a dead process left.
     *
     * @throws UpgradeException if something else than a socket lies there
     */
    void unlinkStale() throws IOException {
        if (!Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        int mode = (Integer) Files.getAttribute(socket, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        if ((mode & FILE_TYPE) != SOCKET) {
            throw new UpgradeException(
                    "path", socket + " exists and is not a socket; remove it or choose another path");
        }
        unlink();
    }

    /** Removes the socket file of a server that ends for good. */
    void unlink() throws IOException {
        Files.deleteIfExists(socket);
    }

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    /** The held lock. */
    record StartLock(FileLock lock) implements AutoCloseable {
        @Override
        public void close() throws UpgradeException {
            try {
                lock.acquiredBy().close();
            } catch (IOException e) {
                throw new UpgradeException("path", "the start lock cannot be released: " + e, e);
            }
        }
    }

    private record Attributes(int mode, int uid) {
        static Attributes of(Path directory) throws UpgradeException {
            try {
                return new Attributes((Integer) Files.getAttribute(directory, "unix:mode"), (Integer)
                        Files.getAttribute(directory, "unix:uid"));
            } catch (IOException e) {
                throw new UpgradeException("path", "the owner of " + directory + " cannot be read: " + e, e);
            }
        }
    }
}
