package io.fdnetty.internal.arrival;

import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * The start of connections that write to each other: all are active before the first one reads, so that nothing is
 * written to a group that is still filling. An event loop that does not answer, or a connection that has ended, holds
 * the others up for a second at most.
 *
 * <p>Thread-safe; does not need the control loop, so that it works while the upgrader closes.
 */
public final class JointStart {
    private static final long PATIENCE_SECONDS = 1;

    private final List<Arrival> arrived;
    private final Consumer<Arrival> start;
    private final AtomicInteger missing;
    private final AtomicBoolean begun = new AtomicBoolean();

    private JointStart(List<Arrival> arrived, Consumer<Arrival> start) {
        this.arrived = arrived;
        this.start = start;
        this.missing = new AtomicInteger(arrived.size());
    }

    /**
     * Starts them.
     *
     * @param start lets one of them read; on any thread
     */
    public static void of(List<Arrival> arrived, Consumer<Arrival> start) {
        JointStart joint = new JointStart(arrived, start);
        Future<?> patience = GlobalEventExecutor.INSTANCE.schedule(joint::begin, PATIENCE_SECONDS, TimeUnit.SECONDS);
        arrived.forEach(each -> each.activate(() -> joint.isActive(patience)));
    }

    private void isActive(Future<?> patience) {
        if (missing.decrementAndGet() == 0) {
            patience.cancel(false);
            begin();
        }
    }

    private void begin() {
        if (begun.compareAndSet(false, true)) {
            arrived.forEach(start);
        }
    }
}
