package io.fdnetty.internal.capture;

import io.fdnetty.internal.protocol.ConnectionUnit;

/**
 * A connection, or a group of linked ones, that is stopped: it neither reads nor writes, and this process keeps its
 * copy, with its handlers, until it is decided what becomes of it. End it with exactly one of {@link #release} and
 * {@link #resume}; the first call wins, on any thread.
 *
 * <p>Until then what is written to its channel and a {@code close()} wait.
 */
public interface Captured {
    /**
     * What travels. Its descriptors are borrowed from the stopped channels. It belongs to this object: who writes it to
     * a channel retains it first.
     */
    ConnectionUnit unit();

    /**
     * Another process owns the connection: closes this copy, unseen by the peer. Its handlers are removed and
     * {@linkplain Connections#hasLeft see why}; what waits to be written, and what is written from now on, fails with
     * {@link ConnectionMovedException} and is counted.
     */
    void release();

    /**
     * The connection stays here and goes on as if it had never been stopped: its handlers and their contexts are the
     * same, and what was written to it meanwhile is sent.
     *
     * @param reason for the log
     */
    void resume(String reason);

    /**
     * Closes the descriptors of a {@linkplain #release() released} connection, if its event loop has not come to it
     * yet: while there is a copy, the peer does not notice when the new owner closes. Any thread.
     */
    void closeCopies();
}
