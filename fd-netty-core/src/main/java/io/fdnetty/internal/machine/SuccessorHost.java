package io.fdnetty.internal.machine;

import io.fdnetty.UpgradePhase;
import io.fdnetty.internal.protocol.ConnectionUnit;
import io.fdnetty.internal.protocol.Message;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/**
 * What the successor's side of the protocol asks of the server that takes over. Called on the control loop except where
 * it says otherwise.
 */
public interface SuccessorHost {
    /** The greeting. */
    Message.Hello hello();

    /** The predecessor answered; whoever it is was checked. */
    void welcomed(Message.Welcome welcome);

    /** Takes over the inherited sockets and holds them. An exception ends the upgrade. */
    void inherit(Message.Listeners listeners) throws IOException;

    /** Whether that section is known here. */
    boolean knows(String section);

    /**
     * Loads one section; on the loader's thread, may block.
     *
     * @param in borrowed; fails when the hand-over ends first
     */
    void load(Message.StateBegin section, InputStream in) throws IOException;

    /** A section was loaded and its checksum is right. */
    void loaded(String section, long bytes);

    /** All that precedes READY has come: the author sets up. */
    void offered(Message.Offer offer);

    /** CUTOVER: the listeners accept here from now on. */
    void acceptFromHere();

    /** Adopts the units, which this takes over, without reading or writing, and reports each by {@link Arrivals}. */
    void adopt(List<ConnectionUnit> units, Arrivals arrivals);

    /** That unit was rejected, for any reason: it stays with the predecessor. */
    default void rejected(@SuppressWarnings("unused") long id, @SuppressWarnings("unused") String reason) {}

    /** The acknowledgement of these was written: they read and write. */
    void start(List<Long> ids);

    /** These are the predecessor's: close the copies unread. */
    void abandon(List<Long> ids);

    /**
     * The predecessor is dead: this process will serve alone. The author sets up, if that is still to come;
     * {@link #acceptFromHere} and {@link #serverNow} follow when the author is ready.
     *
     * @param missing state sections that did not come whole
     */
    void serveAlone(String reason, List<String> missing);

    /** The role is this process's for good: it answers on the control listener. */
    void serverNow();

    /**
     * The predecessor lives and serves: stop accepting, close the listeners; connections that were started drain here.
     */
    void giveUp(String reason);

    /** A phase begins. */
    void phase(UpgradePhase phase, String reason);

    /** The hand-over is over: the last call. */
    void ended(SuccessorOutcome outcome);

    /** Where the server reports about arrivals; on the control loop. */
    interface Arrivals {
        /** Held: registered, neither reading nor writing. */
        void adopted(long id);

        /** Could not be adopted; its copy is closed. */
        void rejected(long id, String reason);
    }
}
