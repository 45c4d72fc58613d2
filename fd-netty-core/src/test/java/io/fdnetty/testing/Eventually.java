package io.fdnetty.testing;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what another thread does. */
public final class Eventually {
    private static final long DEADLINE_NANOS = 10_000_000_000L;
    private static final long PAUSE_NANOS = 1_000_000L;

    private Eventually() {}

    public static void holds(String what, BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > DEADLINE_NANOS) {
                throw new AssertionError("still not true: " + what);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }
}
