package io.fdnetty.handover;

import static java.util.Objects.requireNonNull;

import io.fdnetty.handover.IncumbentPhase.Accepting;
import io.fdnetty.handover.IncumbentPhase.AwaitComplete;
import io.fdnetty.handover.IncumbentPhase.AwaitHello;
import io.fdnetty.handover.IncumbentPhase.AwaitReady;
import io.fdnetty.handover.IncumbentPhase.CuttingOver;
import io.fdnetty.handover.IncumbentPhase.Draining;
import io.fdnetty.handover.IncumbentPhase.Ended;
import io.fdnetty.handover.IncumbentPhase.Idle;
import io.fdnetty.handover.IncumbentPhase.Moving;
import io.fdnetty.handover.IncumbentPhase.Revoking;
import io.fdnetty.handover.IncumbentPhase.SendingFinalState;
import io.fdnetty.handover.IncumbentPhase.SendingState;
import io.fdnetty.handover.IncumbentPhase.StoppingAccept;
import io.fdnetty.handover.IncumbentPhase.StoppingConnections;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What an incumbent does in one upgrade: events in, actions out. docs/protocol.md has its table.
 *
 * <p>Touches no channel and no clock. Not thread-safe: its driver feeds it from one thread and carries out the actions of an event,
 * in order, before it reports the next. An event of the driver's that is out of place is an {@link IllegalStateException}; a
 * message of the peer's that is out of place ends the upgrade.
 *
 * <p>A unit is <em>in doubt</em> from {@link IncumbentAction.SendUnits} until ADOPTED or REJECTED names it or
 * {@link IncumbentEvent.QueueReadToEnd} shows that nothing will. Only then does anybody serve it. Where all move together
 * COMPLETE stands for the ADOPTED of every unit.
 */
public final class IncumbentMachine {
    private final IncumbentTerms terms;
    private final MachineState<IncumbentPhase, IncumbentEvent, IncumbentAction> state;
    private final StoppedUnits stopped = new StoppedUnits();
    private final Set<Long> inDoubt = new LinkedHashSet<>();

    public IncumbentMachine(IncumbentTerms terms, PhaseListener listener) {
        this.terms = requireNonNull(terms, "terms");
        this.state = new MachineState<>(new Idle(), listener, action -> action);
    }

    public IncumbentPhase phase() {
        return state.phase();
    }

    /** How many units were sent, or stand still to be sent together, and are neither adopted nor rejected. */
    public int unsettled() {
        return inDoubt.size() + stopped.size();
    }

    /** What a successor says that owns all the units in doubt. */
    Message acknowledgement() {
        return terms.together() ? new Message.Complete() : new Message.Adopted(List.copyOf(inDoubt));
    }

    /**
     * Decides about one event.
     *
     * @return what the driver is to do, in this order
     * @throws IllegalStateException if the driver reports an event that cannot happen now; nothing has changed then
     */
    public List<IncumbentAction> on(IncumbentEvent event) {
        return state.on(event, this::decide);
    }

    private void decide(IncumbentEvent event) {
        IncumbentPhase phase = state.phase();
        if (event instanceof CommonEvent.Connected) {
            connected(event);
        } else if (phase instanceof Ended) {
            afterEnd(event);
        } else if (phase instanceof Revoking revoking) {
            whileRevoking(revoking, event);
        } else if (event instanceof IncumbentEvent.LocalFailure failure) {
            failAndTell(failure.step() + ": " + failure.reason());
        } else if (event instanceof IncumbentEvent.Cancel cancel) {
            failAndTell(cancel.reason());
        } else if (phase instanceof Idle) {
            throw state.illegal(event);
        } else if (event instanceof CommonEvent common) {
            common(common);
        } else {
            progress((IncumbentEvent.Local) event);
        }
    }

    private void connected(IncumbentEvent event) {
        if (!(state.phase() instanceof Idle)) {
            throw state.illegal(event);
        }
        state.enter(new AwaitHello(), "a peer connected");
        state.startDeadline(Wait.HELLO);
    }

    private void common(CommonEvent event) {
        if (event instanceof CommonEvent.Received received) {
            received(received.message());
        } else if (event instanceof CommonEvent.PeerEnded ended) {
            fail(ended.why());
        } else if (event instanceof CommonEvent.DeadlineReached reached) {
            deadlineReached(reached.waitFor());
        }
    }

    private void deadlineReached(Wait wait) {
        if (state.expired(wait)) {
            failAndTell("the deadline " + wait + " ran out in phase "
                    + state.phase().label());
        }
    }

    // ---- what our own process reports

    private void progress(IncumbentEvent.Local event) {
        if (event instanceof IncumbentEvent.StateSent sent) {
            stateSent(sent);
        } else if (event instanceof IncumbentEvent.AcceptingStopped) {
            acceptingStopped(event);
        } else if (event instanceof IncumbentEvent.ConnectionsStopped all) {
            connectionsStopped(all);
        } else if (event instanceof IncumbentEvent.FinalStateSent) {
            finalStateSent(event);
        } else if (event instanceof IncumbentEvent.CutoverWritten) {
            cutoverWritten(event);
        } else if (event instanceof IncumbentEvent.UnitsCaptured captured) {
            unitsCaptured(captured);
        } else if (event instanceof IncumbentEvent.FirstPassDone done) {
            firstPassDone(done);
        } else if (event instanceof IncumbentEvent.Drained) {
            drained(event);
        } else {
            throw state.illegal(event);
        }
    }

    private void stateSent(IncumbentEvent.StateSent event) {
        require(state.phase() instanceof SendingState && event.offer().together() == terms.together(), event);
        state.enter(new AwaitReady(), "the state is sent");
        state.send(event.offer());
        state.startDeadline(Wait.READY);
    }

    private void acceptingStopped(IncumbentEvent event) {
        require(state.phase() instanceof StoppingAccept, event);
        if (terms.together()) {
            state.enter(new StoppingConnections(), "nobody accepts");
            state.act(new IncumbentAction.StopConnections());
            state.startDeadline(Wait.STOP_CONNECTIONS);
        } else {
            sendFinalState("nobody accepts", Wait.FINAL_STATE);
        }
    }

    private void connectionsStopped(IncumbentEvent.ConnectionsStopped event) {
        require(state.phase() instanceof StoppingConnections, event);
        stopped.others(event.kept(), event.closed());
        sendFinalState("every connection that moves stands still", Wait.STANDSTILL);
    }

    private void sendFinalState(String reason, Wait wait) {
        state.enter(new SendingFinalState(), reason);
        state.act(new IncumbentAction.SendFinalState());
        state.startDeadline(wait);
    }

    private void finalStateSent(IncumbentEvent event) {
        require(state.phase() instanceof SendingFinalState, event);
        state.enter(new CuttingOver(false), "the final state is sent");
        state.send(new Message.Cutover());
        state.startDeadline(terms.together() ? Wait.STANDSTILL : Wait.CUTOVER);
    }

    private void cutoverWritten(IncumbentEvent event) {
        if (!(state.phase() instanceof CuttingOver cutting)) {
            throw state.illegal(event);
        }
        if (terms.together()) {
            sendAll();
            return;
        }
        state.enter(cutting.completed() ? new Draining(false) : new Moving(), "CUTOVER is written");
        state.cancelDeadline();
        state.act(new IncumbentAction.MoveConnections());
    }

    /** Together: everything goes out, and one answer decides. */
    private void sendAll() {
        state.enter(new AwaitComplete(), "CUTOVER is written");
        Message.Finished finished = stopped.finished();
        for (List<Long> frame : stopped.takeFrames()) {
            inDoubt.addAll(frame);
            state.act(new IncumbentAction.SendUnits(frame));
        }
        state.send(finished);
        state.startDeadline(Wait.STANDSTILL);
    }

    private void unitsCaptured(IncumbentEvent.UnitsCaptured event) {
        if (terms.together()) {
            require(state.phase() instanceof StoppingConnections && stopped.add(event.ids()), event);
        } else {
            sendAtOnce(event);
        }
    }

    private void sendAtOnce(IncumbentEvent.UnitsCaptured event) {
        IncumbentPhase phase = state.phase();
        require(phase instanceof Moving || phase instanceof AwaitComplete || phase instanceof Draining, event);
        require(event.ids().stream().noneMatch(inDoubt::contains), event);
        boolean first = inDoubt.isEmpty();
        inDoubt.addAll(event.ids());
        state.act(new IncumbentAction.SendUnits(event.ids()));
        if (first && !(phase instanceof AwaitComplete)) {
            state.startDeadline(Wait.ADOPTION);
        }
    }

    private void firstPassDone(IncumbentEvent.FirstPassDone event) {
        require(inDoubt.isEmpty(), event);
        IncumbentPhase phase = state.phase();
        if (phase instanceof Moving) {
            state.enter(new AwaitComplete(), "the first pass is done");
            state.send(new Message.Finished(event.moved(), event.kept(), event.closed()));
            state.startDeadline(Wait.COMPLETE);
        } else if (phase instanceof Draining draining && !draining.finished()) {
            state.enter(new Draining(true), "the first pass is done");
            state.send(new Message.Finished(event.moved(), event.kept(), event.closed()));
        } else {
            throw state.illegal(event);
        }
    }

    private void drained(IncumbentEvent event) {
        require(state.phase() instanceof Draining && inDoubt.isEmpty(), event);
        end(new IncumbentOutcome.HandedOver(false, "drained"));
    }

    private void require(boolean legal, IncumbentEvent event) {
        if (!legal) {
            throw state.illegal(event);
        }
    }

    // ---- what the successor says

    private void received(Message message) {
        if (message instanceof Message.Hello hello) {
            hello(hello);
        } else if (message instanceof Message.Ready) {
            ready(message);
        } else if (message instanceof Message.Failed failed) {
            failed(failed);
        } else if (message instanceof Message.Abort abort) {
            fail("the successor aborted: " + abort.reason());
        } else if (message instanceof Message.Adopted adopted && !terms.together()) {
            adopted(adopted);
        } else if (message instanceof Message.Rejected rejected && !terms.together()) {
            rejected(rejected);
        } else if (message instanceof Message.Complete) {
            complete(message);
        } else {
            protocolError(message, state.unexpected(message));
        }
    }

    private void hello(Message.Hello hello) {
        if (!(state.phase() instanceof AwaitHello)) {
            protocolError(hello, state.unexpected(hello));
        } else if (!terms.hasCommonVersion(hello)) {
            refuse(
                    RefusalCode.NO_COMMON_VERSION,
                    "the successor speaks protocol versions " + hello.minVersion() + "–" + hello.maxVersion()
                            + ", the incumbent " + terms.minVersion() + "–" + terms.maxVersion());
        } else if (!terms.application().equals(hello.application())) {
            refuse(
                    RefusalCode.WRONG_APPLICATION,
                    "the successor is \"" + hello.application() + "\", the incumbent \"" + terms.application() + '"');
        } else {
            state.enter(new SendingState(), "pid " + hello.pid() + " asks for the upgrade");
            state.act(new IncumbentAction.SendWelcome(terms.commonVersion(hello), hello));
            state.act(new IncumbentAction.SendListenersAndState());
            state.startDeadline(Wait.STATE);
        }
    }

    private void refuse(RefusalCode code, String reason) {
        state.send(new Message.Refused(code, reason));
        end(new IncumbentOutcome.Refused(code, reason));
    }

    private void ready(Message message) {
        if (!(state.phase() instanceof AwaitReady)) {
            protocolError(message, state.unexpected(message));
            return;
        }
        state.enter(new StoppingAccept(), "the successor is ready");
        state.act(new IncumbentAction.StopAccepting());
        state.startDeadline(Wait.STOP_ACCEPTING);
    }

    private void failed(Message.Failed failed) {
        Accepting accepting = accepting(state.phase());
        boolean undecided = terms.together() && accepting == Accepting.CUT_OVER;
        if (accepting == Accepting.NEVER_STOPPED || accepting == Accepting.STOPPED || undecided) {
            fail("the successor cannot take over: " + failed.reason());
        } else {
            protocolError(failed, state.unexpected(failed));
        }
    }

    private void adopted(Message.Adopted adopted) {
        List<Long> known = settle(adopted.ids());
        if (!known.isEmpty()) {
            state.act(new IncumbentAction.ReleaseUnits(known));
        }
        if (known.isEmpty() || known.size() < adopted.ids().size()) {
            protocolError(adopted, "ADOPTED names no unit, or one that is not in doubt: " + adopted.ids());
        } else {
            progressOfAdoption();
        }
    }

    private void rejected(Message.Rejected rejected) {
        List<Long> known = settle(List.of(rejected.id()));
        if (known.isEmpty()) {
            protocolError(rejected, "REJECTED names a unit that is not in doubt: " + rejected.id());
        } else {
            state.act(new IncumbentAction.ResumeUnits(known, "rejected: " + rejected.reason()));
            progressOfAdoption();
        }
    }

    /** Takes the ids out of doubt and returns those that were in it. A good id beside a bad one counts: the peer has started it. */
    private List<Long> settle(List<Long> ids) {
        List<Long> known = new ArrayList<>(ids.size());
        for (Long id : ids) {
            if (inDoubt.remove(id)) {
                known.add(id);
            }
        }
        return known;
    }

    private void progressOfAdoption() {
        if (state.phase() instanceof AwaitComplete) {
            return;
        }
        if (inDoubt.isEmpty()) {
            state.cancelDeadline();
        } else {
            state.startDeadline(Wait.ADOPTION);
        }
    }

    private void complete(Message message) {
        IncumbentPhase phase = state.phase();
        if (terms.together()) {
            completeTogether(message);
        } else if (phase instanceof CuttingOver cutting && !cutting.completed()) {
            handOver(new CuttingOver(true));
        } else if (phase instanceof Moving) {
            handOver(new Draining(false));
        } else if (phase instanceof AwaitComplete) {
            handOver(new Draining(true));
            progressOfAdoption();
        } else {
            protocolError(message, state.unexpected(message));
        }
    }

    private void completeTogether(Message message) {
        if (state.phase() instanceof AwaitComplete) {
            state.cancelDeadline();
            handOver(new Draining(true));
        } else {
            protocolError(message, state.unexpected(message));
        }
    }

    private void handOver(IncumbentPhase next) {
        if (terms.together() && !inDoubt.isEmpty()) {
            state.act(new IncumbentAction.ReleaseUnits(List.copyOf(inDoubt)));
            inDoubt.clear();
        }
        state.enter(next, "the successor is the server");
        state.act(new IncumbentAction.RoleHandedOver());
    }

    // ---- how it ends

    private void protocolError(Message message, String reason) {
        state.discard(message);
        failAndTell("protocol error: " + reason);
    }

    private void failAndTell(String reason) {
        if (!(state.phase() instanceof Idle)) {
            state.send(new Message.Abort(reason));
        }
        fail(reason);
    }

    /** Nothing to revoke before WELCOME; from there on the life-line speaks first. */
    private void fail(String reason) {
        IncumbentPhase phase = state.phase();
        if (phase instanceof Idle || phase instanceof AwaitHello) {
            end(new IncumbentOutcome.Failed(phase.label(), reason));
            return;
        }
        state.cancelDeadline();
        state.enter(new Revoking(phase.label(), reason, accepting(phase)), reason);
        state.act(new IncumbentAction.Revoke(reason));
    }

    private Accepting accepting(IncumbentPhase phase) {
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

    private void whileRevoking(Revoking revoking, IncumbentEvent event) {
        if (event instanceof CommonEvent.Received received) {
            lastWord(revoking, received.message());
        } else if (event instanceof IncumbentEvent.UnitsCaptured captured) {
            state.act(new IncumbentAction.ResumeUnits(captured.ids(), revoking.reason()));
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
        if (!inDoubt.isEmpty()) {
            state.act(new IncumbentAction.ResumeUnits(List.copyOf(inDoubt), revoking.reason()));
            inDoubt.clear();
        }
        Accepting accepting = revoking.accepting();
        if (accepting == Accepting.STOPPED || accepting == Accepting.CUT_OVER) {
            state.act(new IncumbentAction.ResumeAccepting(revoking.reason()));
        }
        end(
                accepting == Accepting.HANDED_OVER
                        ? new IncumbentOutcome.HandedOver(true, revoking.reason())
                        : new IncumbentOutcome.Failed(revoking.step(), revoking.reason()));
    }

    private void end(IncumbentOutcome outcome) {
        state.closeControl();
        state.enter(new Ended(outcome), outcome.toString());
        state.act(new IncumbentAction.End(outcome));
    }

    private void afterEnd(IncumbentEvent event) {
        if (event instanceof CommonEvent.Received received) {
            state.discard(received.message());
        } else if (event instanceof IncumbentEvent.UnitsCaptured captured) {
            state.act(new IncumbentAction.ResumeUnits(captured.ids(), "the upgrade is over"));
        } else {
            ignore(event);
        }
    }

    /** Reports of steps that were under way when the upgrade ended, deadlines that had run out, the end of a socket we left. */
    private static void ignore(@SuppressWarnings("unused") IncumbentEvent event) {}
}
