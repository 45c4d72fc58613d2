package io.fdnetty.internal.incumbent;

import io.fdnetty.internal.connection.TrackedConnection;
import java.util.Collection;
import java.util.List;

/**
 * Moves the live connections of an incumbent. On the control loop. A captured connection stays the mover's until it is
 * told to release or resume it.
 */
interface Mover {
    /** Begins with these. */
    void start(Collection<TrackedConnection> connections);

    /** The successor owns these. */
    void release(List<Long> ids);

    /** These are ours again. */
    void resume(List<Long> ids, String reason);

    /** Whether no unit waits for its acknowledgement. */
    boolean isSettled();

    /** Captures nothing more; what was sent is settled as before, and what was not sent lives on here. */
    void stop();
}
