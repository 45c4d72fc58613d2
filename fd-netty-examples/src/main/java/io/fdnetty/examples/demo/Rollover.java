package io.fdnetty.examples.demo;

import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.examples.process.ChildProcess.Event;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** One upgrade: starts a successor, waits until it serves and its predecessor has ended, and says how it went. */
final class Rollover {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int DIGITS = 3;

    private final ServerFleet fleet;
    private final ClientSwarm clients;
    private final Duration exitLimit;

    Rollover(ServerFleet fleet, ClientSwarm clients, int drainSeconds) {
        this.fleet = fleet;
        this.clients = clients;
        exitLimit = LIMIT.plusSeconds(drainSeconds);
    }

    /** A running server and what is known of its upgrade. */
    record Outcome(ChildProcess successor, UpgradeRow row) {}

    /**
     * Relieves a server.
     *
     * @param number of the upgrade, counted from 1; the server is the generation of this number
     */
    Outcome relieve(int number, ChildProcess incumbent) throws InterruptedException {
        clients.takeLongestWaits();
        ChildProcess successor = fleet.startNext();
        Event ready = successor.await("ready", LIMIT);
        Event relieved = incumbent.await("handed-over", LIMIT);
        Histogram waits = histogram();
        int status = incumbent.awaitExit(exitLimit);
        long done = Math.max(ready.nanos(), relieved.nanos());
        UpgradeRow row = new UpgradeRow(
                number,
                fleet.runtime(number).feature() + " -> "
                        + fleet.runtime(number + 1).feature(),
                relieved.line(),
                millis(done - successor.startedNanos()),
                waits,
                status,
                millis(incumbent.exitedNanos() - relieved.nanos()));
        return new Outcome(successor, row);
    }

    private Histogram histogram() throws InterruptedException {
        Histogram waits = new Histogram(DIGITS);
        for (long nanos : clients.takeLongestWaits()) {
            waits.recordValue(TimeUnit.NANOSECONDS.toMicros(nanos));
        }
        return waits;
    }

    private static long millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }
}
