package io.fdnetty.internal.capture;

import io.fdnetty.LinkedConnections;
import io.fdnetty.internal.connection.TrackedConnection;

/**
 * Hears how the capture of a connection ends: exactly one of {@link #captured}, {@link #notMovable}, {@link #movesWith}
 * and {@link #closed}, unless the capture is {@linkplain TrackedConnection#forgetCapture() forgotten} first. Called on
 * the connection's event loop.
 */
public interface CaptureListener {
    /**
     * The connection is stopped: nothing reaches or leaves its handlers, and what is written to it waits.
     *
     * <p>Who stops connections that write to each other lets all of them stop before the first one goes on, so that
     * nothing is written to one that has left. {@linkplain TrackedConnection#forgetCapture() Forgotten} now, it serves
     * on as if nothing had been asked.
     *
     * @param goOn takes it out; to be run once on the event loop, by default at once. After it the connection may still
     *     say "not now", and begins anew then.
     */
    default void stopped(TrackedConnection connection, Runnable goOn) {
        goOn.run();
    }

    /**
     * The connection is stopped and out of its event loop; what becomes of it is up to the owner of {@code captured}.
     */
    void captured(TrackedConnection connection, Captured captured);

    /** Not at this moment: the connection serves on, and this listener is called again when its moment has come. */
    default void notNow(TrackedConnection connection, String reason) {}

    /** It cannot move, and serves on as before. */
    void notMovable(TrackedConnection connection, String reason);

    /**
     * It was {@linkplain LinkedConnections linked} to another one, with which it moves or stays: it is no unit of its
     * own any more, and what becomes of it is heard, and counted, with its leader.
     */
    void movesWith(TrackedConnection connection, TrackedConnection leader);

    /** It ended by itself before it was captured. */
    void closed(TrackedConnection connection);
}
