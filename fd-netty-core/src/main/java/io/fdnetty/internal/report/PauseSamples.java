package io.fdnetty.internal.report;

import io.fdnetty.UpgradeReport;
import java.util.Arrays;

/** Collects how long connections stood still, in microseconds. Used by one thread. */
final class PauseSamples {
    private long[] micros = new long[256];
    private int count;

    void add(long pause) {
        if (count == micros.length) {
            micros = Arrays.copyOf(micros, count * 2);
        }
        micros[count++] = Math.max(0, pause);
    }

    UpgradeReport.Pauses summary() {
        if (count == 0) {
            return UpgradeReport.Pauses.NONE;
        }
        long[] sorted = Arrays.copyOf(micros, count);
        Arrays.sort(sorted);
        return new UpgradeReport.Pauses(count, at(sorted, 0.50), at(sorted, 0.99), sorted[count - 1]);
    }

    /** The nearest-rank percentile. */
    private static long at(long[] sorted, double quantile) {
        return sorted[(int) Math.ceil(quantile * sorted.length) - 1];
    }
}
