package io.fdnetty.internal.arrival;

import java.util.function.LongConsumer;

/**
 * What became of a unit that arrived. An adopted one has its channel, its pipeline and its states, but neither reads
 * nor writes before {@link #start}. End it with exactly one of {@link #start}, perhaps after {@link #activate}, and
 * {@link #abandon}; the first call wins, on any thread. A rejected one is closed already, unread, and needs neither.
 */
public interface Arrival {
    /** The id of the unit. */
    long id();

    /** Whether it is here, and held. */
    boolean isAdopted();

    /** Why it was rejected; empty if it was adopted. */
    String rejection();

    /**
     * The connection is ours: its handlers learn that it lives here, and it writes. It reads after {@link #start},
     * which must follow: so connections that write to each other can all be active before the first one reads.
     *
     * @param active called on the connection's event loop; not called if the connection has ended meanwhile
     */
    void activate(Runnable active);

    /** The connection is ours: it reads and writes from now on. */
    default void start() {
        start(pauseMicros -> {});
    }

    /**
     * The connection is ours: it reads and writes from now on.
     *
     * @param started called on the connection's event loop with the time since it was stopped, in microseconds; not
     *     called if the connection has ended meanwhile
     */
    void start(LongConsumer started);

    /** The connection is not ours: closes this copy, unread, unseen by the peer. */
    void abandon();

    /** A unit on its way to its event loop. */
    interface Pending {
        /** Rejects it for this reason, unless something has become of it already. Any thread. */
        void expire(String reason);
    }
}
