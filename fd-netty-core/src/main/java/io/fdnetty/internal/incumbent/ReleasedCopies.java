package io.fdnetty.internal.incumbent;

import io.fdnetty.internal.capture.Captured;
import io.netty.util.concurrent.EventExecutor;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Lets go of connections that the successor owns, also where their event loop is busy with something else. */
final class ReleasedCopies {
    private static final long PATIENCE_MILLIS = 20;

    private ReleasedCopies() {}

    /**
     * Releases them on their event loop, which removes their handlers. If it does not come to that soon, their
     * descriptors are closed without it: until then a client would not notice that the successor closes.
     *
     * @param control where the time is measured
     */
    static void release(List<Captured> units, EventExecutor control) {
        units.forEach(Captured::release);
        if (!units.isEmpty() && !control.isShuttingDown()) {
            control.schedule(() -> units.forEach(Captured::closeCopies), PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }
}
