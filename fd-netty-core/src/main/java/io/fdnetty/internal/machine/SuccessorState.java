package io.fdnetty.internal.machine;

import io.fdnetty.internal.machine.SuccessorPhase.ReadingOut;
import io.fdnetty.internal.protocol.Message;

/**
 * The successor's phase and actions; while it reads a lost socket out, messages and deadlines of the live phases are
 * left out.
 */
final class SuccessorState extends MachineState<SuccessorPhase, SuccessorEvent, SuccessorAction> {
    SuccessorState(PhaseListener listener) {
        super(new SuccessorPhase.Idle(), listener, action -> action);
    }

    /** Where we are, or would be if the socket had not been lost. */
    SuccessorPhase live() {
        return phase() instanceof ReadingOut reading ? reading.live() : phase();
    }

    boolean isLost() {
        return phase() instanceof ReadingOut;
    }

    /** Changes the live phase. */
    void move(SuccessorPhase next, String reason) {
        if (phase() instanceof ReadingOut old) {
            enter(
                    new ReadingOut(
                            next,
                            old.step(),
                            old.reason(),
                            old.completing(),
                            old.peerEnded(),
                            old.faulty(),
                            old.shut()),
                    reason);
        } else {
            enter(next, reason);
        }
    }

    @Override
    void send(Message message) {
        if (!isLost()) {
            super.send(message);
        }
    }

    @Override
    void startDeadline(Deadline wait) {
        if (!isLost() || wait == Deadline.READ_OUT) {
            super.startDeadline(wait);
        }
    }

    /** Stops the deadline of a live phase. */
    void cancelLiveDeadline() {
        if (!isLost()) {
            cancelDeadline();
        }
    }
}
