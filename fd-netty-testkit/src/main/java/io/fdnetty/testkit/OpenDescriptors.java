package io.fdnetty.testkit;

import io.fdnetty.channel.AncillarySocketChannel;
import io.fdnetty.fd.Descriptor;
import io.netty.channel.unix.FileDescriptor;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * The sockets, pipes and files that this process had open at one moment. Files that the JVM opens for itself do not
 * count, and neither do those of event loops, which may be shared. Without {@code /proc} there is nothing.
 */
final class OpenDescriptors {
    private static final Path OPEN = Path.of("/proc/self/fd");
    private static final long GRACE_NANOS = 5_000_000_000L;
    private static final long PAUSE_NANOS = 2_000_000L;

    private final Map<Integer, String> before;

    private OpenDescriptors(Map<Integer, String> before) {
        this.before = before;
    }

    static OpenDescriptors now() {
        openWhatTheProcessKeeps();
        return new OpenDescriptors(open());
    }

    /** The JDK keeps a socket with which it closes others; the library one with which it changes flags. */
    private static void openWhatTheProcessKeeps() {
        AncillarySocketChannel.ensureAvailability();
        try {
            SocketChannel.open().close();
            FileDescriptor[] pipe = FileDescriptor.pipe();
            pipe[1].close();
            try (Descriptor end = Descriptor.adopt(pipe[0], "pipe")) {
                end.makeNonBlocking();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Throws an AssertionError if something is open that was not, after a few seconds for what is being closed. */
    void assertNothingOpened() {
        long deadline = System.nanoTime() + GRACE_NANOS;
        Map<Integer, String> opened = opened();
        while (!opened.isEmpty() && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(PAUSE_NANOS);
            opened = opened();
        }
        if (!opened.isEmpty()) {
            throw new AssertionError(opened.size() + " descriptors were opened and not closed: "
                    + opened.entrySet().stream()
                            .map(fd -> fd.getKey() + " -> " + fd.getValue())
                            .collect(Collectors.joining(", ")));
        }
    }

    private Map<Integer, String> opened() {
        Map<Integer, String> now = open();
        now.entrySet().removeIf(fd -> fd.getValue().equals(before.get(fd.getKey())));
        return now;
    }

    private static Map<Integer, String> open() {
        Map<Integer, String> open = new TreeMap<>();
        String[] numbers = new File(OPEN.toString()).list();
        for (String number : numbers == null ? new String[0] : numbers) {
            String target = target(number);
            if (!isOfTheJvm(target)) {
                open.put(Integer.valueOf(number), target);
            }
        }
        return open;
    }

    /** Empty if it was closed meanwhile, as the directory's own descriptor is. */
    private static String target(String number) {
        try {
            return Files.readSymbolicLink(OPEN.resolve(number)).toString();
        } catch (IOException closedMeanwhile) {
            return "";
        }
    }

    private static boolean isOfTheJvm(String target) {
        return target.isEmpty()
                || target.startsWith("anon_inode:")
                || target.endsWith(".jar")
                || target.endsWith(".so")
                || target.endsWith(".class")
                || target.endsWith("/lib/modules")
                || target.startsWith("/proc/")
                || target.startsWith("/sys/")
                || target.startsWith("/dev/");
    }
}
