package io.fdnetty;

import io.netty.util.internal.PlatformDependent;
import java.io.File;
import java.util.concurrent.locks.LockSupport;

/** What this process uses of things that leak. */
record Usage(int descriptors, int threads, long directMemory) {
    private static final long GRACE_NANOS = 10_000_000_000L;
    private static final long PAUSE_NANOS = 5_000_000L;

    /** One arena chunk: what a thread that comes and goes may leave in the pool. */
    private static final long ONE_CHUNK = 4 << 20;

    static Usage now() {
        return new Usage(count("/proc/self/fd"), count("/proc/self/task"), PlatformDependent.usedDirectMemory());
    }

    private static int count(String directory) {
        String[] entries = new File(directory).list();
        return entries == null ? 0 : entries.length;
    }

    /** Waits, bounded, until no more is used than then; threads and channels that are closing are given time. */
    static void awaitAtMost(Usage then) {
        long deadline = System.nanoTime() + GRACE_NANOS;
        while (!now().isAtMost(then)) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("used: " + now() + ", before: " + then);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private boolean isAtMost(Usage then) {
        return descriptors <= then.descriptors
                && threads <= then.threads
                && directMemory <= then.directMemory + ONE_CHUNK;
    }
}
