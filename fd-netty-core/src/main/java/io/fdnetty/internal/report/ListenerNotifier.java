package io.fdnetty.internal.report;

import io.fdnetty.UpgradeListener;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Tells the author's listeners what happens, one call at a time on an executor of its own, and survives what they
 * throw.
 */
public final class ListenerNotifier {
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(ListenerNotifier.class);

    private final List<UpgradeListener> listeners;
    private final Executor executor;

    /** @param executor runs one task at a time, in order */
    public ListenerNotifier(List<UpgradeListener> listeners, Executor executor) {
        this.listeners = List.copyOf(listeners);
        this.executor = executor;
    }

    /** Tells everybody, later; from any thread. Never throws: nobody's upgrade depends on who is told of it. */
    public void tell(Consumer<UpgradeListener> event) {
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
    public Executor executor() {
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
