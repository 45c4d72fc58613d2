package io.fdnetty.examples.proxy;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What goes wrong again and again: at most one line a second in the log, which says how many were left out.
 * Thread-safe.
 */
final class Complaints {
    private static final Logger logger = LoggerFactory.getLogger(Complaints.class);
    private static final long PAUSE_NANOS = 1_000_000_000L;

    private final AtomicLong last = new AtomicLong(System.nanoTime() - PAUSE_NANOS);
    private final AtomicInteger unsaid = new AtomicInteger();

    void about(String what) {
        long now = System.nanoTime();
        long before = last.get();
        if (now - before < PAUSE_NANOS || !last.compareAndSet(before, now)) {
            unsaid.incrementAndGet();
            logger.debug("{}", what);
            return;
        }
        int others = unsaid.getAndSet(0);
        logger.warn("{}{}", what, others == 0 ? "" : " (and " + others + " more since the last such line)");
    }
}
