package io.fdnetty.examples.demo;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Waits for points of time in the demonstration, and shows the state of things meanwhile on a thread of its own. */
final class DemoClock implements AutoCloseable {
    private static final long PROBE_POLL_MILLIS = 20;
    private static final Duration PROBE_LIMIT = Duration.ofSeconds(12);

    private final Progress progress;
    private final ClientSwarm clients;
    private final ConnectProbes probes;
    private final long began = System.nanoTime();
    private final ScheduledExecutorService ticker =
            Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("progress", true));

    DemoClock(Progress progress, ClientSwarm clients, ConnectProbes probes) {
        this.progress = progress;
        this.clients = clients;
        this.probes = probes;
        ticker.scheduleAtFixedRate(
                this::showStatus, progress.intervalMillis(), progress.intervalMillis(), TimeUnit.MILLISECONDS);
    }

    /** Waits until some time after the beginning, or not at all if it has passed. */
    void waitUntil(Duration time) throws InterruptedException {
        Thread.sleep(Math.max(0, time.toMillis() - elapsedMillis()));
    }

    /** Waits for the probes that are still open. */
    void awaitProbes() throws InterruptedException {
        long limit = System.nanoTime() + PROBE_LIMIT.toNanos();
        while (probes.open() > 0 && System.nanoTime() - limit < 0) {
            Thread.sleep(PROBE_POLL_MILLIS);
        }
    }

    /** Shows no more. */
    @Override
    public void close() {
        ticker.shutdownNow();
    }

    private void showStatus() {
        try {
            progress.status(status());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    private long elapsedMillis() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
    }

    private String status() throws InterruptedException {
        ClientTotals totals = clients.totals();
        return String.format(
                "%5.1f s  %,d frames sent, %,d echoed, %,d on their way; %,d probes; reset %d, refused %d,"
                        + " doubled %d bytes",
                elapsedMillis() / 1e3,
                totals.sent(),
                totals.received(),
                totals.awaited(),
                probes.answered(),
                totals.reset() + probes.reset(),
                probes.refused(),
                totals.doubledBytes());
    }
}
