package io.fdnetty.testsuite.chaos.server;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** A fault of the server's own, by which the checks of the chaos run are checked. Thread-safe. */
public enum PlantedBug {
    NONE,
    /** An answer goes out twice. */
    DOUBLE,
    /** An answer does not go out. */
    LOSE,
    /** One connection leaves with a byte too many in its account. */
    ACCOUNT,
    /** Every connection that arrives leaves a file open. */
    DESCRIPTOR;

    private static final int NTH = 40;
    private static final Queue<InputStream> LEAKED = new ConcurrentLinkedQueue<>();

    private static final AtomicInteger OCCASIONS = new AtomicInteger();

    /** Opens a file for good, if this is the plant. */
    void leak() {
        if (this != DESCRIPTOR) {
            return;
        }
        try {
            LEAKED.add(new FileInputStream("/dev/null"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether this is the plant, and its moment: once in a process, but not at its very beginning. */
    boolean strikes(PlantedBug which) {
        return this == which && OCCASIONS.incrementAndGet() == (which == ACCOUNT ? 1 : NTH);
    }
}
