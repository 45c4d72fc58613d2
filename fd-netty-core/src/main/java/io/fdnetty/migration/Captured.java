package io.fdnetty.migration;

import io.fdnetty.handover.ConnectionUnit;
import java.util.function.Consumer;

/**
 * A connection, or a group of linked ones, that is stopped: it neither reads nor writes, and this process keeps its copy until it is told what became of
 * it. End it with exactly one of {@link #release} and {@link #resume}; the first call wins, on any thread.
 *
 * <p>Until then writes to its channel fail with {@link ConnectionMovedException} and a {@code close()} waits.
 */
public interface Captured {
    /**
     * What travels. Its descriptors are borrowed from the stopped channels. It belongs to this object: who writes it to a channel
     * retains it first.
     */
    ConnectionUnit unit();

    /** Another process owns the connection: closes this copy, unseen by the peer and by the handlers. */
    void release();

    /**
     * The connection stays here: it arrives again, in the same channel, with a fresh pipeline from its initializer.
     *
     * @param reason for the log
     */
    default void resume(String reason) {
        resume(reason, arrival -> {
            if (arrival.isAdopted()) {
                arrival.start();
            }
        });
    }

    /**
     * Like {@link #resume(String)}, but what came back is held, like any arrival, until it is {@linkplain Arrival#start started}:
     * who brings connections back that write to each other brings all back before the first one starts.
     *
     * @param back hears of it once, on any thread; a rejected one is closed
     */
    void resume(String reason, Consumer<Arrival> back);
}
