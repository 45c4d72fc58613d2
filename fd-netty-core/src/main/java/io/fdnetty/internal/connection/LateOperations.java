package io.fdnetty.internal.connection;

import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What handlers, threads and timers of this process still did to connections that another process owns: it had no
 * effect. Counts it, and logs the first of each kind of connection. Thread-safe.
 */
final class LateOperations {
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(LateOperations.class);

    private final Map<String, AtomicLong> byKind = new ConcurrentHashMap<>();

    /**
     * Counts writes, closes or events that came too late.
     *
     * @param kind the kind of the connection
     * @param what what they are, in the plural
     * @param how the line to add
     */
    void count(String kind, String what, long number, String how) {
        if (number > 0
                && byKind.computeIfAbsent(kind, first -> new AtomicLong()).getAndAdd(number) == 0) {
            logger.warn(
                    "{} {} for a connection of the kind \"{}\" came after another process had taken it over,"
                            + " and had no effect"
                            + " ({}); further ones are only counted",
                    number,
                    what,
                    kind,
                    how);
        }
    }

    /** How many there were. */
    long total() {
        return byKind.values().stream().mapToLong(AtomicLong::get).sum();
    }
}
