package io.fdnetty;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What became of every connection in one upgrade, and how long each part of it took.
 *
 * @param role who wrote the report
 * @param generation the generation of the process that wrote it
 * @param moved connections that live on in the successor
 * @param kept connections that stayed (they drain), at the time of the report
 * @param closed connections that ended here during the upgrade and the drain
 * @param keptReasons why connections were kept, each reason with its count: of those that still stay, and of those that
 *     ended here since; one that moved after all is not counted
 * @param stateBytes bytes of state sections that crossed
 * @param connectionBytes unread and unwritten bytes that crossed with the connections
 * @param pauses how long the moved connections stood still
 * @param total from the first message to the report
 * @param phases the time of each phase, in the order in which they were entered
 * @param notes anything else that an operator should know: unclaimed descriptors, missing state sections
 */
public record UpgradeReport(
        Role role,
        long generation,
        long moved,
        long kept,
        long closed,
        Map<String, Long> keptReasons,
        long stateBytes,
        long connectionBytes,
        Pauses pauses,
        Duration total,
        Map<UpgradePhase, Duration> phases,
        List<String> notes) {

    /**
     * How long connections stood still: from the moment they stopped reading to the moment they read again.
     *
     * @param count how many were measured
     * @param p50 median, in microseconds
     * @param p99 99th percentile, in microseconds
     * @param max longest, in microseconds
     */
    public record Pauses(long count, long p50, long p99, long max) {
        /** No connection was measured. */
        public static final Pauses NONE = new Pauses(0, 0, 0, 0);
    }
}
