package io.fdnetty.testsuite.chaos;

import io.fdnetty.testsuite.chaos.server.Strikes;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What is planned for one upgrade.
 *
 * @param number of the upgrade, counted from 1
 * @param moment at which it happens, empty if the fault has none in the servers
 * @param nth occasion of the moment in one process
 * @param delayMillis from the moment to the strike; 0: the process waits for it
 * @param millis how long it lasts, if it lasts
 * @param idleMillis from the end of the upgrade before
 */
record Strike(int number, Fault fault, String moment, int nth, int delayMillis, int millis, int idleMillis) {
    /** What a server is told; null if none is told anything. */
    Strikes.@Nullable Order order() {
        return switch (fault.order()) {
            case NONE -> null;
            case STRIKE -> order(delayMillis == 0 ? "hold" : "tell");
            default -> order(fault.order().name().toLowerCase(Locale.ROOT));
        };
    }

    private Strikes.Order order(String action) {
        return new Strikes.Order(number, moment, nth, action, millis);
    }

    /** The plan in a line. */
    String text() {
        StringBuilder text =
                new StringBuilder(String.format("%4d  after %3d ms: %s", number, idleMillis, fault.text()));
        if (!moment.isEmpty()) {
            text.append(", ").append(moment).append('#').append(nth);
        }
        if (delayMillis > 0) {
            text.append(" +").append(delayMillis).append(" ms");
        }
        if (millis > 0) {
            text.append(", for ").append(millis).append(" ms");
        }
        return text.toString();
    }
}
