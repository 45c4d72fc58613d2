package io.fdnetty.internal.sys;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How many descriptors this process has open, and how many it may have (RLIMIT_NOFILE, the soft limit).
 *
 * <p>A look at files of the kernel, one entry for each open descriptor: not on an event loop. Source: proc(5),
 * getrlimit(2).
 */
public record OpenFiles(long open, long limit) {
    private static final Path LIMITS = Path.of("/proc/self/limits");
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
    private static final String NAME = "Max open files";

    /**
     * Those of this process now; null where the kernel does not tell: without a limit, without /proc, or with no
     * descriptor left to look.
     */
    public static @Nullable OpenFiles now() {
        try {
            long limit = softLimit(Files.readAllLines(LIMITS));
            return limit < 0 ? null : new OpenFiles(count(), limit);
        } catch (IOException | RuntimeException unknown) {
            return null;
        }
    }

    private static long count() throws IOException {
        try (Stream<Path> descriptors = Files.list(DESCRIPTORS)) {
            return descriptors.count() - 1; // one of them was for looking
        }
    }

    /** The line is {@code Max open files soft hard files}; a limit may be {@code unlimited}. */
    static long softLimit(List<String> limits) {
        for (String line : limits) {
            if (line.startsWith(NAME)) {
                String soft = line.substring(NAME.length()).strip().split("\\s+", 2)[0];
                return soft.equals("unlimited") ? -1 : Long.parseLong(soft);
            }
        }
        return -1;
    }

    /** How many more fit. */
    public long room() {
        return Math.max(0, limit - open);
    }
}
