package io.fdnetty.internal.server;

import io.fdnetty.internal.machine.Deadlines;
import io.fdnetty.internal.machine.IncumbentTerms;
import io.fdnetty.internal.protocol.MessageLimits;
import io.fdnetty.internal.protocol.ProtocolVersion;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the author of a server decided about upgrades; immutable.
 *
 * @param application the name that both processes must share
 * @param applicationVersion text for logs
 * @param readyWait how long the successor may take from the offer until it is ready
 * @param stepWait how long any other step may stand still
 * @param drainWait how long connections that did not move may live on in the old process
 * @param batch how many connections are captured together
 * @param maxUnitBytes how many unread and unwritten bytes of one connection may travel
 * @param maxFrameBytes the largest frame accepted on the control socket
 * @param together how long connections that stand still wait for those that do not, where all move together; null where
 *     each moves as it can
 * @param users the user ids, besides this process's own, that may take over
 */
public record UpgradeSettings(
        String application,
        String applicationVersion,
        Duration readyWait,
        Duration stepWait,
        Duration drainWait,
        int batch,
        int maxUnitBytes,
        int maxFrameBytes,
        @Nullable Duration together,
        Set<Integer> users) {

    static final Duration MAX_WAIT = Duration.ofDays(7);
    private static final Duration LEAST_LOOP_WAIT = Duration.ofMillis(50);
    private static final Duration MOST_LOOP_WAIT = Duration.ofSeconds(1);

    public UpgradeSettings {
        checkText("name", application);
        MessageLimits.checkName(application);
        checkText("version", applicationVersion);
        checkWait("readyTimeout", readyWait);
        checkWait("stepTimeout", stepWait);
        checkWait("drainTimeout", drainWait);
        if (together != null) {
            checkWait("together", together);
        }
        checkRange("batch", batch, 1, 4096);
        checkRange("maxUnitBytes", maxUnitBytes, 1 << 12, 1 << 29);
        users = Set.copyOf(users);
    }

    /** Whether all connections move together or not at all. */
    public boolean isTogether() {
        return together != null;
    }

    /** How long an upgrade waits for an event loop before it goes on without its connections. */
    public Duration loopWait() {
        Duration tenth = stepWait.dividedBy(10);
        return tenth.compareTo(LEAST_LOOP_WAIT) < 0
                ? LEAST_LOOP_WAIT
                : tenth.compareTo(MOST_LOOP_WAIT) > 0 ? MOST_LOOP_WAIT : tenth;
    }

    /**
     * How long a unit may take to arrive at its event loop. Where one is rejected alone it goes back soon; where that
     * ends the upgrade for all, as late as can be.
     */
    public Duration arrivalWait(boolean allOrNone) {
        return allOrNone ? stepWait.multipliedBy(3).dividedBy(4) : stepWait.dividedBy(4);
    }

    /** What a successor must fulfil. */
    public IncumbentTerms terms() {
        return new IncumbentTerms(ProtocolVersion.MIN, ProtocolVersion.MAX, application, isTogether());
    }

    /** How long each wait of the protocol may take. */
    public Deadlines waits() {
        return new Deadlines(stepWait, readyWait, together == null ? Duration.ZERO : together);
    }

    private static void checkText(String what, String text) {
        if (text.isEmpty() || text.length() > 200) {
            throw new IllegalArgumentException(what + " must have 1 to 200 characters: \"" + text + '"');
        }
    }

    private static void checkWait(String what, Duration wait) {
        if (wait.isNegative() || wait.compareTo(MAX_WAIT) > 0) {
            throw new IllegalArgumentException(what + " must be between 0 and " + MAX_WAIT + ": " + wait);
        }
    }

    private static void checkRange(String what, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(what + " must be between " + min + " and " + max + ": " + value);
        }
    }
}
