package io.fdnetty.migration;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;

/**
 * One open connection of a movable kind, with those that are {@linkplain LinkedConnections linked} to it: they are captured and
 * come back with it, as one unit. Thread-safe.
 */
public interface LiveConnection {
    /** Unique within its {@link LiveConnections}. */
    long id();

    /** What the author called this kind of connection. */
    String kind();

    /** The channel, which must not be deregistered by anyone else. */
    Channel channel();

    /** The loop on which everything about this connection happens. */
    default EventLoop eventLoop() {
        return channel().eventLoop();
    }

    /**
     * Stops the connection and takes it out of its event loop, with its bytes and states.
     *
     * <p>Called on the event loop, the stop happens at once and the rest in a task of the same loop, so that many connections
     * can be stopped in one task; do not call it from within one of the connection's own handlers. Elsewhere it is posted. A
     * connection that cannot move serves on as if nothing had been asked.
     *
     * @param listener hears how it ends, on the event loop
     */
    void capture(CaptureListener listener);

    /**
     * Forgets a capture that was answered with {@link CaptureListener#notNow} or {@link CaptureListener#stopped}; its listener
     * hears nothing more.
     */
    void forgetCapture();

    /**
     * Ends the connection in the way of its protocol: {@link MovableHandler#farewell} of every handler that has one, or else
     * close. A capture that waits for its moment is forgotten; a captured connection is left alone.
     *
     * <p>Does nothing to a connection that the server opened itself: that one may carry the answer to a client, and is closed after
     * the last client.
     */
    void farewell();
}
