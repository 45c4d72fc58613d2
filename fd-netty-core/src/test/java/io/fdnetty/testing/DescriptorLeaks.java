package io.fdnetty.testing;

import io.fdnetty.internal.sys.Carrier;
import io.fdnetty.internal.sys.NativeLibrary;
import io.netty.channel.unix.FileDescriptor;
import java.io.File;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestInstanceFactoryContext;
import org.junit.jupiter.api.extension.TestInstancePreConstructCallback;

/**
 * Fails a test that leaves a descriptor open, and says what it is.
 *
 * <p>Use {@code @ExtendWith(DescriptorLeaks.class)}, or {@link #snapshot} and {@link Snapshot#assertNothingLeft} by
 * hand. What an event loop still has to close is waited for, for a few seconds. Files that the JVM opens for itself do
 * not count. Without {@code /proc} nothing is checked. Tests that run at the same time in one JVM disturb each other.
 */
public final class DescriptorLeaks implements TestInstancePreConstructCallback, AfterEachCallback {
    private static final Path OPEN = Path.of("/proc/self/fd");
    private static final long GRACE_NANOS = 5_000_000_000L;
    private static final long PAUSE_NANOS = 2_000_000L;

    static {
        NativeLibrary.ensureAvailability();
    }

    private @Nullable Snapshot before;

    /** Before the test's fields are initialised. */
    @Override
    public void preConstructTestInstance(TestInstanceFactoryContext factory, ExtensionContext context) {
        before = snapshot();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        if (before != null) {
            before.assertNothingLeft();
            before = null;
        }
    }

    /** What is open now. */
    public static Snapshot snapshot() {
        openWhatTheProcessKeeps();
        return new Snapshot(open());
    }

    /**
     * On the Netty carrier a socket pair serves makeNonBlocking; the JDK keeps a socket with which it closes others.
     */
    private static void openWhatTheProcessKeeps() {
        try {
            SocketChannel.open().close();
            FileDescriptor[] pipe = FileDescriptor.pipe();
            Carrier.choose("netty").makeNonBlocking(pipe[0]);
            pipe[0].close();
            pipe[1].close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
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
                || target.endsWith(".jar")
                || target.endsWith(".so")
                || target.endsWith(".class")
                || target.endsWith("/lib/modules")
                || target.startsWith("/proc/")
                || target.startsWith("/sys/")
                || target.startsWith("/dev/");
    }

    /** The descriptors that were open at one moment. */
    public static final class Snapshot {
        private final Map<Integer, String> before;

        private Snapshot(Map<Integer, String> before) {
            this.before = before;
        }

        /** Throws an AssertionError if one is open now that was not open then, after a few seconds of grace. */
        public void assertNothingLeft() {
            long deadline = System.nanoTime() + GRACE_NANOS;
            Map<Integer, String> left = left();
            while (!left.isEmpty() && System.nanoTime() - deadline < 0) {
                LockSupport.parkNanos(PAUSE_NANOS);
                left = left();
            }
            if (!left.isEmpty()) {
                throw new AssertionError(left.size() + " descriptors left open: "
                        + left.entrySet().stream()
                                .map(fd -> fd.getKey() + " -> " + fd.getValue())
                                .collect(Collectors.joining(", ")));
            }
        }

        private Map<Integer, String> left() {
            Map<Integer, String> now = open();
            now.entrySet().removeIf(fd -> fd.getValue().equals(before.get(fd.getKey())));
            return now;
        }
    }
}
