package io.fdnetty.internal.machine;

import io.fdnetty.internal.protocol.Message;
import java.util.List;

/**
 * What happens to an {@link IncumbentMachine}. Events that belong to a step which has been given up may still come and
 * are ignored; out of place otherwise they are a bug of the driver.
 */
public sealed interface IncumbentEvent permits CommonEvent, IncumbentEvent.Local {
    /** An event of the incumbent's own process. */
    sealed interface Local extends IncumbentEvent {}

    /** Listeners and state have been handed to the control socket; this OFFER is to follow them. */
    record StateSent(Message.Offer offer) implements Local {}

    /** No listener accepts, and every accepted child is registered. */
    record AcceptingStopped() implements Local {}

    /**
     * Together: every connection that can move stands still and was reported.
     *
     * @param kept those that can never move and stay to drain
     */
    record ConnectionsStopped(long kept, long closed) implements Local {}

    /** The final state has been handed to the control socket. */
    record FinalStateSent() implements Local {}

    /** The write of CUTOVER has succeeded. */
    record CutoverWritten() implements Local {}

    /**
     * These units are captured and ready to go. The answer says what becomes of each: {@link IncumbentAction.SendUnits}
     * or {@link IncumbentAction.ResumeUnits}. Together it comes later: then those of one event travel in one frame.
     */
    record UnitsCaptured(List<Long> ids) implements Local {
        public UnitsCaptured {
            ids = List.copyOf(ids);
        }
    }

    /**
     * Not together: every connection has been asked once and each unit that was sent is settled
     * ({@link IncumbentMachine#unsettled()} is 0).
     *
     * @param kept those that stay to drain
     */
    record FirstPassDone(long moved, long kept, long closed) implements Local {}

    /** No connection is left here, and each unit that was sent is settled. */
    record Drained() implements Local {}

    /** Something of our own failed: a write, taking the state, stopping a listener. */
    record LocalFailure(String step, String reason) implements Local {}

    /** The author calls the upgrade off. */
    record Cancel(String reason) implements Local {}

    /**
     * The operator ends this process: an upgrade that is under way comes first, without waiting for what can be done
     * without.
     */
    record StopRequested(String reason) implements Local {}

    /** After {@link IncumbentAction.Revoke}: everything that the successor had written has been received. */
    record QueueReadToEnd() implements Local {}
}
