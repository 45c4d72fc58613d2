package io.fdnetty;

import io.fdnetty.migration.Arrival;
import io.fdnetty.migration.Captured;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Connections that write to each other come back: none starts before all are back, so that nothing is written to one that is not. An event loop that does not answer holds the others up for a second at most.
 *
 * <p>Thread-safe; does not need the control loop, so that it works while the upgrader closes.
 */
final class Homecoming {
    private static final long PATIENCE_SECONDS = 1;

    private final List<Arrival> held = new ArrayList<>();
    private final List<Runnable> tasks = new ArrayList<>();
    private int missing;
    private boolean impatient;
    private @Nullable Future<?> patience;

    /** Brings these back. */
    void bringBack(List<Captured> connections, String reason) {
        if (connections.isEmpty()) {
            return;
        }
        synchronized (this) {
            missing += connections.size();
            if (patience == null) {
                patience = GlobalEventExecutor.INSTANCE.schedule(this::loseIt, PATIENCE_SECONDS, TimeUnit.SECONDS);
            }
        }
        connections.forEach(each -> each.resume(reason, this::isBack));
    }

    private void isBack(Arrival arrival) {
        synchronized (this) {
            missing--;
            if (arrival.isAdopted()) {
                held.add(arrival);
            }
        }
        startIfAllAreBack();
    }

    private void loseIt() {
        synchronized (this) {
            impatient = true;
        }
        startIfAllAreBack();
    }

    private void startIfAllAreBack() {
        List<Arrival> back;
        List<Runnable> waiting;
        synchronized (this) {
            if (missing > 0 && !impatient) {
                return;
            }
            if (patience != null) {
                patience.cancel(false);
            }
            back = List.copyOf(held);
            held.clear();
            waiting = List.copyOf(tasks);
            tasks.clear();
        }
        back.forEach(Arrival::start);
        waiting.forEach(Runnable::run);
    }

    /** Runs this when all that was to come back until now has, at once if nothing is under way. */
    void whenBack(Runnable task) {
        synchronized (this) {
            tasks.add(task);
        }
        startIfAllAreBack();
    }
}
