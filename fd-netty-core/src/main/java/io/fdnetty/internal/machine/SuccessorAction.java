package io.fdnetty.internal.machine;

import io.fdnetty.internal.protocol.ConnectionUnit;
import io.fdnetty.internal.protocol.Message;
import java.util.List;

/** What a {@link SuccessorMachine} asks of its driver, in order. */
public sealed interface SuccessorAction permits CommonAction, SuccessorAction.Own {
    /** An action of the successor alone. */
    sealed interface Own extends SuccessorAction {}

    /** Take the life-line out of the message and keep it; agree on its number of descriptors per message. */
    record KeepLifeline(Message.Welcome welcome) implements Own {}

    /** Put the listeners into the table of inherited descriptors. */
    record AdoptListeners(Message.Listeners listeners) implements Own {}

    /** A {@link Message.StateBegin}, {@link Message.StateChunk} or {@link Message.StateEnd}, in a legal order. */
    record LoadState(Message message) implements Own {}

    /** Everything before READY is here: let the author set the server up. */
    record ReleaseOffer(Message.Offer offer) implements Own {}

    /** The listeners accept here from now on. */
    record AcceptFromHere() implements Own {}

    /** Make channels of these units that neither read nor write, and report each. Takes ownership of the units. */
    record Adopt(List<ConnectionUnit> units) implements Own {}

    /** Write ADOPTED with these ids, and report {@link SuccessorEvent.AdoptedWritten} when that has succeeded. */
    record SendAdopted(List<Long> ids) implements Own {}

    /** They are ours: they read and write from now on. */
    record StartUnits(List<Long> ids) implements Own {}

    /** They are the incumbent's: close our copies unread and silently. */
    record AbandonUnits(List<Long> ids) implements Own {}

    /**
     * Shut the control socket down in both directions, so that every write is decided now; read on to the end. Each
     * write that was not whole in the peer's queue fails.
     */
    record ShutControl() implements Own {}

    /** Read the life-line within a bound and report {@link SuccessorEvent.LifelineSaid}. */
    record AskLifeline() implements Own {}

    /**
     * The incumbent is dead: whoever waits for it, waits no longer.
     *
     * @param missingSections state sections that were begun or announced and did not arrive whole
     * @param offered whether all the state before READY is here; if not, there may have been sections that nobody
     *     announced
     */
    record ServeAlone(String reason, List<String> missingSections, boolean offered) implements Own {}

    /**
     * Do not take over: stop accepting, close the listeners; connections that are ours already are served to their end.
     */
    record GiveUp(String reason) implements Own {}

    /** We are the server: take upgrades on the control listener. */
    record ServerNow() implements Own {}

    /** The machine has ended. */
    record End(SuccessorOutcome outcome) implements Own {}
}
