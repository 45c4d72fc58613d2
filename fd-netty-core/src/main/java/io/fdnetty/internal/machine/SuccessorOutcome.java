package io.fdnetty.internal.machine;

import io.fdnetty.UpgradePhase;
import io.fdnetty.internal.protocol.RefusalCode;

/** How an upgrade ended for the successor. */
public sealed interface SuccessorOutcome {
    /** The incumbent turned us away. */
    record Refused(RefusalCode code, String reason) implements SuccessorOutcome {}

    /** The incumbent died before it gave us anything: start as if there had been none. */
    record ColdStart(String reason) implements SuccessorOutcome {}

    /**
     * We did not take over; the incumbent is the server if it lives.
     *
     * @param step the phase that failed
     */
    record GaveUp(UpgradePhase step, String reason) implements SuccessorOutcome {}

    /** The incumbent went away before it had said anything: turned us away, or died. */
    record Unanswered(String reason) implements SuccessorOutcome {}

    /** We are the server, because the incumbent died on the way. */
    record ServesAlone(String reason) implements SuccessorOutcome {}

    /** We are the server. */
    record Serves() implements SuccessorOutcome {}
}
