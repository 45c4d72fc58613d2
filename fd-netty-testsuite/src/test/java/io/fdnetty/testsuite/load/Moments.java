package io.fdnetty.testsuite.load;

import java.util.concurrent.locks.LockSupport;

/** The clock of a load: what happens when. Not for waiting until something has happened. */
final class Moments {
    private Moments() {}

    /** Returns when that moment, of {@link System#nanoTime}, is over. */
    static void passed(long nanos) {
        for (long left = nanos - System.nanoTime(); left > 0; left = nanos - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
