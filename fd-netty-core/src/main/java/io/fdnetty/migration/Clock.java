package io.fdnetty.migration;

import java.time.Instant;
import java.util.concurrent.TimeUnit;

/** The time that two processes of one machine share. */
final class Clock {
    private Clock() {}

    /** Microseconds since the epoch. */
    static long nowMicros() {
        Instant now = Instant.now();
        return TimeUnit.SECONDS.toMicros(now.getEpochSecond()) + TimeUnit.NANOSECONDS.toMicros(now.getNano());
    }
}
