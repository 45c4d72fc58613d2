package io.fdnetty.internal.machine;

import io.fdnetty.internal.machine.IncumbentPhase.Accepting;
import io.fdnetty.internal.machine.IncumbentPhase.AwaitComplete;
import io.fdnetty.internal.machine.IncumbentPhase.AwaitHello;
import io.fdnetty.internal.machine.IncumbentPhase.CuttingOver;
import io.fdnetty.internal.machine.IncumbentPhase.Draining;
import io.fdnetty.internal.machine.IncumbentPhase.Ended;
import io.fdnetty.internal.machine.IncumbentPhase.Idle;
import io.fdnetty.internal.machine.IncumbentPhase.Moving;
import io.fdnetty.internal.machine.IncumbentPhase.Revoking;
import io.fdnetty.internal.machine.IncumbentPhase.SendingFinalState;
import io.fdnetty.internal.machine.IncumbentPhase.StoppingAccept;
import io.fdnetty.internal.machine.IncumbentPhase.StoppingConnections;
import io.fdnetty.internal.protocol.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The end of {@link IncumbentMachine}. An incumbent that goes on takes back what the successor did not acknowledge; one
 * that its operator has stopped lets go of it, as if it had been killed, so that a successor that lives serves.
 */
final class IncumbentEnding {
    private final IncumbentTerms terms;
    private final MachineState<IncumbentPhase, IncumbentEvent, IncumbentAction> state;
    private final StoppedUnits stopped;
    private final Set<Long> inDoubt;
    private boolean leaving;

    /**
     * @param stopped units that are to be sent together; shared with the machine
     * @param inDoubt units that were sent and are not settled; shared with the machine
     */
    IncumbentEnding(
            IncumbentTerms terms,
            MachineState<IncumbentPhase, IncumbentEvent, IncumbentAction> state,
            StoppedUnits stopped,
            Set<Long> inDoubt) {
        this.terms = terms;
        this.state = state;
        this.stopped = stopped;
        this.inDoubt = inDoubt;
    }

    /** Whether this phase belongs to the end. */
    static boolean covers(IncumbentPhase phase) {
        return phase instanceof Revoking || phase instanceof Ended;
    }

    void on(IncumbentEvent event) {
        if (state.phase() instanceof Revoking revoking) {
            whileRevoking(revoking, event);
        } else {
            afterEnd(event);
        }
    }

    /** Whether the operator has stopped this process. */
    boolean isLeaving() {
        return leaving;
    }

    void leave() {
        leaving = true;
    }

    // ---- a failure

    /** The upgrade cannot go on, and the successor is told. */
    void failAndTell(String reason) {
        if (!(state.phase() instanceof Idle)) {
            state.send(new Message.Abort(reason));
        }
        fail(reason);
    }

    /** Nothing to revoke before WELCOME; from there on the life-line speaks first. */
    void fail(String reason) {
        IncumbentPhase phase = state.phase();
        if (phase instanceof Idle || phase instanceof AwaitHello) {
            end(new IncumbentOutcome.Failed(phase.upgradePhase(), reason));
            return;
        }
        state.cancelDeadline();
        state.enter(new Revoking(phase.upgradePhase(), reason, accepting(phase)), reason);
        state.act(new IncumbentAction.Revoke(reason));
    }

    /** The upgrade cannot go on for a reason of this process's own. */
    void lostAndTell(String reason) {
        if (letsGo()) {
            letGo(reason);
        } else {
            failAndTell(reason);
        }
    }

    /** The upgrade cannot go on, as far as this process can see. */
    void lost(String reason) {
        if (letsGo()) {
            letGo(reason);
        } else {
            fail(reason);
        }
    }

    /** A role that is handed over already is no longer at stake: then what is in doubt is looked up. */
    private boolean letsGo() {
        return leaving && accepting(state.phase()) != Accepting.HANDED_OVER;
    }

    /** The process ends in any case: the successor, if it lives, finds what it would find after a death. */
    private void letGo(String reason) {
        state.act(new IncumbentAction.LetGo(reason));
        resume(stopped.takeFrames().stream().flatMap(List::stream).toList(), reason);
        releaseDoubt();
        state.act(new IncumbentAction.RoleHandedOver());
        end(new IncumbentOutcome.HandedOver(true, reason));
    }

    /** What becomes of the listeners if the upgrade ends in this phase. */
    Accepting accepting(IncumbentPhase phase) {
        if (phase instanceof StoppingAccept
                || phase instanceof StoppingConnections
                || phase instanceof SendingFinalState
                || (phase instanceof CuttingOver && terms.together())) {
            return Accepting.STOPPED;
        } else if (phase instanceof CuttingOver cutting) {
            return cutting.completed() ? Accepting.HANDED_OVER : Accepting.CUT_OVER;
        } else if (phase instanceof Moving || phase instanceof AwaitComplete) {
            return Accepting.CUT_OVER;
        } else if (phase instanceof Draining) {
            return Accepting.HANDED_OVER;
        }
        return Accepting.NEVER_STOPPED;
    }

    // ---- Revoking

    private void whileRevoking(Revoking revoking, IncumbentEvent event) {
        if (event instanceof CommonEvent.Received received) {
            lastWord(revoking, received.message());
        } else if (event instanceof IncumbentEvent.UnitsCaptured captured) {
            resume(captured.ids(), revoking.reason());
        } else if (event instanceof IncumbentEvent.QueueReadToEnd) {
            queueReadToEnd(revoking);
        } else {
            ignore(event);
        }
    }

    /** What was written before the shutdown settles; the rest has lost its meaning. */
    private void lastWord(Revoking revoking, Message message) {
        if (message instanceof Message.Adopted adopted && !terms.together()) {
            List<Long> known = settle(adopted.ids());
            if (!known.isEmpty()) {
                state.act(new IncumbentAction.ReleaseUnits(known));
            }
        } else if (message instanceof Message.Complete && revoking.accepting() == Accepting.CUT_OVER) {
            handOver(new Revoking(revoking.step(), revoking.reason(), Accepting.HANDED_OVER));
        } else {
            state.discard(message);
        }
    }

    private void queueReadToEnd(Revoking revoking) {
        stopped.takeFrames().forEach(inDoubt::addAll);
        resume(List.copyOf(inDoubt), revoking.reason());
        inDoubt.clear();
        Accepting accepting = revoking.accepting();
        if (accepting == Accepting.STOPPED || accepting == Accepting.CUT_OVER) {
            state.act(new IncumbentAction.ResumeAccepting(revoking.reason()));
        }
        end(
                accepting == Accepting.HANDED_OVER
                        ? new IncumbentOutcome.HandedOver(true, revoking.reason())
                        : new IncumbentOutcome.Failed(revoking.step(), revoking.reason()));
    }

    // ---- units

    /**
     * Takes the ids out of doubt and returns those that were in it. A good id beside a bad one counts: the peer has
     * started it.
     */
    List<Long> settle(List<Long> ids) {
        List<Long> known = new ArrayList<>(ids.size());
        for (Long id : ids) {
            if (inDoubt.remove(id)) {
                known.add(id);
            }
        }
        return known;
    }

    /** The successor is the server; together, all units are its own, too. */
    void handOver(IncumbentPhase next) {
        if (terms.together()) {
            releaseDoubt();
        }
        state.enter(next, "the successor is the server");
        state.act(new IncumbentAction.RoleHandedOver());
    }

    private void releaseDoubt() {
        if (!inDoubt.isEmpty()) {
            state.act(new IncumbentAction.ReleaseUnits(List.copyOf(inDoubt)));
            inDoubt.clear();
        }
    }

    private void resume(List<Long> ids, String reason) {
        if (!ids.isEmpty()) {
            state.act(new IncumbentAction.ResumeUnits(ids, reason));
        }
    }

    // ---- the end

    /** A stopped incumbent waits for nothing once the role is handed over and each unit is settled. */
    void endIfLeaving() {
        if (leaving && inDoubt.isEmpty() && state.phase() instanceof Draining draining && draining.finished()) {
            end(new IncumbentOutcome.HandedOver(false, "this process was stopped"));
        }
    }

    void end(IncumbentOutcome outcome) {
        state.closeControl();
        state.enter(new Ended(outcome), outcome.toString());
        state.act(new IncumbentAction.End(outcome));
    }

    private void afterEnd(IncumbentEvent event) {
        if (event instanceof CommonEvent.Received received) {
            state.discard(received.message());
        } else if (event instanceof IncumbentEvent.UnitsCaptured captured) {
            resume(captured.ids(), "the upgrade is over");
        } else {
            ignore(event);
        }
    }

    /**
     * Reports of steps that were under way when the upgrade ended, deadlines that had run out, the end of a socket we
     * left.
     */
    private static void ignore(@SuppressWarnings("unused") IncumbentEvent event) {}
}
