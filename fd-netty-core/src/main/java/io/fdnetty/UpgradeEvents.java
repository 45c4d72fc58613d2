package io.fdnetty;

import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** Tells the author's listeners what happens, one call at a time on an executor of its own, and survives what they throw. */
final class UpgradeEvents {
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(UpgradeEvents.class);

    private final List<UpgradeListener> listeners;
    private final Executor executor;

    /**
     * @param executor runs one task at a time, in order
     */
    UpgradeEvents(List<UpgradeListener> listeners, Executor executor) {
        this.listeners = List.copyOf(listeners);
        this.executor = executor;
    }

    /** Tells everybody, later; from any thread. Never throws: nobody's upgrade depends on who is told of it. */
    void tell(Consumer<UpgradeListener> event) {
        if (listeners.isEmpty()) {
            return;
        }
        try {
            executor.execute(() -> listeners.forEach(listener -> tell(listener, event)));
        } catch (RuntimeException | Error e) {
            logger.error("The upgrade listeners miss an event: no thread tells them", e);
        }
    }

    /** The executor, for who wants to know whether its thread can be started. */
    Executor executor() {
        return executor;
    }

    private static void tell(UpgradeListener listener, Consumer<UpgradeListener> event) {
        try {
            event.accept(listener);
        } catch (RuntimeException e) {
            logger.warn("An upgrade listener failed: {}", listener, e);
        }
    }
}
