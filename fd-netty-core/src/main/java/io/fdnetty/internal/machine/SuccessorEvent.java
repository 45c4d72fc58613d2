package io.fdnetty.internal.machine;

import io.fdnetty.channel.Lifeline;
import java.util.List;

/** What happens to a {@link SuccessorMachine}. */
public sealed interface SuccessorEvent permits CommonEvent, SuccessorEvent.Local {
    /** An event of the successor's own process. */
    sealed interface Local extends SuccessorEvent {}

    /**
     * A write to the control socket failed, and with it every one whose success has not been reported, and every later
     * one. Reported once.
     */
    record WriteFailed(String why) implements Local {}

    /**
     * The bytes of the control socket cannot be understood, or end inside a frame because the incumbent died while it
     * wrote one. Nothing more can be received; {@link CommonEvent.PeerEnded} still follows.
     */
    record Unreadable(String why) implements Local {}

    /** The author has set the server up. */
    record AuthorReady() implements Local {}

    /** The author cannot or will not take over; possible until {@link SuccessorAction.AcceptFromHere}. */
    record AuthorFailed(String reason) implements Local {}

    /** A section cannot be used: a required one is unknown, a length or checksum is wrong, or its loader failed. */
    record SectionRejected(String name, String reason) implements Local {}

    /** These units have become channels, which neither read nor write. */
    record UnitsAdopted(List<Long> ids) implements Local {
        public UnitsAdopted {
            ids = List.copyOf(ids);
        }
    }

    /** This unit cannot become channels here; our copies are closed. Together this ends the upgrade. */
    record UnitRejected(long id, String reason) implements Local {}

    /** The write of ADOPTED with these ids has succeeded: it is in the incumbent's queue. */
    record AdoptedWritten(List<Long> ids) implements Local {
        public AdoptedWritten {
            ids = List.copyOf(ids);
        }
    }

    /** The write of COMPLETE has succeeded. */
    record CompleteWritten() implements Local {}

    /** The answer to {@link SuccessorAction.AskLifeline}. */
    record LifelineSaid(Lifeline.Word word) implements Local {}
}
