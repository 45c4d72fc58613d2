package io.fdnetty.internal.machine;

import io.fdnetty.UpgradePhase;
import io.fdnetty.fd.Descriptor;
import io.fdnetty.internal.protocol.ConnectionUnit;
import io.fdnetty.internal.protocol.Message;
import io.netty.channel.Channel;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * What the incumbent's side of the protocol asks of the server that it hands over. Called on the control loop; a stage
 * may be completed by any thread. An exception, or a stage that fails, fails the upgrade.
 */
public interface IncumbentHost {
    /**
     * The answer to the greeting.
     *
     * @param version the chosen protocol version
     * @param lifeline the life-line's read end; the message takes it over
     */
    Message.Welcome welcome(int version, Descriptor lifeline);

    /**
     * Every listening and datagram socket, the control listener too. The descriptors are borrowed: they stay open until
     * the message was written.
     */
    Message.Listeners listeners();

    /**
     * Sends the state sections, blocking as it likes on a thread of its own.
     *
     * @param progress run whenever the successor took some of it; from any thread
     */
    CompletionStage<?> sendState(Channel control, boolean finalState, Runnable progress);

    /** How many connections the successor must expect, and which final sections. */
    Message.Offer offer();

    /** Accepts no connection any more; done when every accepted one is registered. */
    CompletionStage<?> stopAccepting();

    /** Accepts again: the successor did not come to serve. Also called when accepting had not been stopped. */
    void resumeAccepting(String reason);

    /**
     * Where all move together: captures every connection that can move, hands each to {@link Moves#send} and says
     * {@link Moves#stopped}. Those that say "not now" are waited for.
     */
    void stopConnections(Moves moves);

    /** After {@link #stopConnections}: those that say "not now" stay. */
    void stopWaiting();

    /** Which connections {@link #stopConnections} still waits for, and why; for people. */
    String unstopped();

    /** Where they move one by one: starts to capture and send connections through {@code moves}. */
    void moveConnections(Moves moves);

    /** The successor owns these units: close the copies. */
    void release(List<Long> ids);

    /** These units are the incumbent's again: let them live on. */
    void resume(List<Long> ids, String reason);

    /** The successor serves: retire the listeners, drain what is left, then say {@link Moves#drained()}. */
    void roleHandedOver();

    /** A phase begins. */
    void phase(UpgradePhase phase, String reason);

    /** The hand-over is over: the last call. */
    void ended(IncumbentOutcome outcome);

    /** Where the server reports about its connections; on the control loop. */
    interface Moves {
        /**
         * Sends units in one frame; takes one reference to each. Each connection stays the host's until it is told to
         * release or resume it, which it may be at once.
         */
        void send(List<ConnectionUnit> units);

        /** After {@link IncumbentHost#stopConnections}: everything that moves was sent; nothing of it runs here. */
        void stopped(long kept, long closed);

        /** Everything that could move at once has been sent and settled. */
        void passDone(long moved, long kept, long closed);

        /** Nothing is left here. */
        void drained();

        /** The server cannot go on with the upgrade. */
        void failed(String step, String reason);
    }
}
