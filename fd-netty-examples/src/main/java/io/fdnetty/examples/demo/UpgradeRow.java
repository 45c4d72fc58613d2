package io.fdnetty.examples.demo;

import io.fdnetty.examples.server.EventLine;
import org.HdrHistogram.Histogram;

/**
 * One upgrade in the table at the end.
 *
 * @param number counted from 1
 * @param runtimes of the old and the new process: {@code 17 -> 25}
 * @param report what the old process said when it was relieved
 * @param upgradeMillis from the start of the new process until it serves and the old one is relieved
 * @param clientWaits for each client the longest time from a frame to its echo during the upgrade, in microseconds
 * @param exitStatus of the old process
 * @param exitMillis from its relief to its end
 */
record UpgradeRow(
        int number,
        String runtimes,
        EventLine report,
        long upgradeMillis,
        Histogram clientWaits,
        int exitStatus,
        long exitMillis) {

    static final String HEADER = "upgrade  java        moved  kept  closed  upgrade ms  switch ms"
            + "   pause ms p50 / p99 / max    clients ms p50 / p99 / max  old process";

    String text() {
        return String.format(
                "%7d  %-8s %8d %5d %7d %11d %10.1f  %25s  %27s  exit %d after %d ms",
                number,
                runtimes,
                report.number("moved"),
                report.number("kept"),
                report.number("closed"),
                upgradeMillis,
                report.number("switch-micros") / 1e3,
                percentiles(pause("p50"), pause("p99"), pause("max")),
                percentiles(clientWaits.getValueAtPercentile(50), clientWaits.getValueAtPercentile(99), maxWait()),
                exitStatus,
                exitMillis);
    }

    private long maxWait() {
        return clientWaits.getMaxValue();
    }

    private long pause(String percentile) {
        return report.number("pause-" + percentile + "-micros");
    }

    private static String percentiles(long p50, long p99, long max) {
        return String.format("%.1f / %.1f / %.1f", p50 / 1e3, p99 / 1e3, max / 1e3);
    }

    /** A line for the time when it has just happened. */
    String announcement() {
        return String.format(
                "upgrade %d: %d moved, %d kept, %d closed in %d ms; clients waited at most %.1f ms; old"
                        + " process: exit %d",
                number,
                report.number("moved"),
                report.number("kept"),
                report.number("closed"),
                upgradeMillis,
                maxWait() / 1e3,
                exitStatus);
    }
}
