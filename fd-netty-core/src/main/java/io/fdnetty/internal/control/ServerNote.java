package io.fdnetty.internal.control;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * Which process serves at a control socket, noted in the lock file beside it: for a start that finds the socket gone,
 * and for people. Nothing depends on it.
 *
 * <pre>
 *  pid SP start time of the process, ms since the epoch LF
 * </pre>
 *
 * <p>Blocks on the file system.
 */
public final class ServerNote {
    private static final int MOST_BYTES = 64;
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    private final Path file;

    ServerNote(Path file) {
        this.file = file;
    }

    /** This process serves. */
    public void write() throws IOException {
        ProcessHandle self = ProcessHandle.current();
        replace(self.pid() + " " + started(self) + "\n");
    }

    /** This process serves no longer; what another one noted stays. */
    public void clear() throws IOException {
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)
                && pid(read()) == ProcessHandle.current().pid()) {
            replace("");
        }
    }

    /** The other process that serves, if it lives. */
    public Optional<ProcessHandle> server() {
        try {
            String text = read();
            long pid = pid(text);
            return pid <= 0 || pid == ProcessHandle.current().pid()
                    ? Optional.empty()
                    : ProcessHandle.of(pid).filter(process -> text.equals(pid + " " + started(process)));
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    private static long started(ProcessHandle process) {
        return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    }

    private static long pid(String text) {
        int end = text.indexOf(' ');
        try {
            return end < 0 ? 0 : Long.parseLong(text.substring(0, end));
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private String read() throws IOException {
        try (FileChannel channel = FileChannel.open(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
            ByteBuffer bytes = ByteBuffer.allocate(MOST_BYTES);
            channel.read(bytes);
            return US_ASCII.decode(bytes.flip()).toString().strip();
        }
    }

    private void replace(String text) throws IOException {
        try (FileChannel channel = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                PosixFilePermissions.asFileAttribute(OWNER_ONLY))) {
            channel.truncate(0);
            channel.write(US_ASCII.encode(text), 0);
        }
    }
}
