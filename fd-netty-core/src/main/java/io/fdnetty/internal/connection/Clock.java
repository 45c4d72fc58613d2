package io.fdnetty.internal.connection;

import java.time.Instant;
import java.util.concurrent.TimeUnit;

/** The time that two processes of one machine share. */
public final class Clock {
    private Clock() {}

    /** Microseconds since the epoch. */
    public static long nowMicros() {
        Instant now = Instant.now();
        return TimeUnit.SECONDS.toMicros(now.getEpochSecond()) + TimeUnit.NANOSECONDS.toMicros(now.getNano());
    }
}
