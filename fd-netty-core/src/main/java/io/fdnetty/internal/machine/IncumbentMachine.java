package io.fdnetty.internal.machine;

import static java.util.Objects.requireNonNull;

import io.fdnetty.internal.machine.IncumbentPhase.Accepting;
import io.fdnetty.internal.machine.IncumbentPhase.AwaitComplete;
import io.fdnetty.internal.machine.IncumbentPhase.AwaitHello;
import io.fdnetty.internal.machine.IncumbentPhase.AwaitReady;
import io.fdnetty.internal.machine.IncumbentPhase.CuttingOver;
import io.fdnetty.internal.machine.IncumbentPhase.Draining;
import io.fdnetty.internal.machine.IncumbentPhase.Idle;
import io.fdnetty.internal.machine.IncumbentPhase.Moving;
import io.fdnetty.internal.machine.IncumbentPhase.SendingFinalState;
import io.fdnetty.internal.machine.IncumbentPhase.SendingState;
import io.fdnetty.internal.machine.IncumbentPhase.StoppingAccept;
import io.fdnetty.internal.machine.IncumbentPhase.StoppingConnections;
import io.fdnetty.internal.protocol.Message;
import io.fdnetty.internal.protocol.RefusalCode;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What an incumbent does in one upgrade: events in, actions out. docs/protocol.md has its table.
 *
 * <p>Touches no channel and no clock. Not thread-safe: its driver feeds it from one thread and carries out the actions
 * of an event, in order, before it reports the next. An event of the driver's that is out of place is an
 * {@link IllegalStateException}; a message of the peer's that is out of place ends the upgrade.
 *
 * <p>A unit is <em>in doubt</em> from {@link IncumbentAction.SendUnits} until ADOPTED or REJECTED names it or
 * {@link IncumbentEvent.QueueReadToEnd} shows that nothing will. Only then does anybody serve it. Where all move
 * together COMPLETE stands for the ADOPTED of every unit.
 */
public final class IncumbentMachine {
    private final IncumbentTerms terms;
    private final MachineState<IncumbentPhase, IncumbentEvent, IncumbentAction> state;
    private final StoppedUnits stopped = new StoppedUnits();
    private final Set<Long> inDoubt = new LinkedHashSet<>();
    private final IncumbentEnding ending;

    public IncumbentMachine(IncumbentTerms terms, PhaseListener listener) {
        this.terms = requireNonNull(terms, "terms");
        this.state = new MachineState<>(new Idle(), listener, action -> action);
        this.ending = new IncumbentEnding(terms, state, stopped, inDoubt);
    }

    public IncumbentPhase phase() {
        return state.phase();
    }

    /** How many units were sent, or stand still to be sent together, and are neither adopted nor rejected. */
    public int unsettled() {
        return inDoubt.size() + stopped.size();
    }

    /** Whether the operator has stopped this process: it waits for nothing, and lets go instead of taking back. */
    boolean isLeaving() {
        return ending.isLeaving();
    }

    /** What a successor says that owns all the units in doubt. */
    public Message acknowledgement() {
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
        } else if (IncumbentEnding.covers(phase)) {
            ending.on(event);
        } else if (event instanceof IncumbentEvent.LocalFailure failure) {
            ending.lostAndTell(failure.step() + ": " + failure.reason());
        } else if (event instanceof IncumbentEvent.Cancel cancel) {
            ending.failAndTell(cancel.reason());
        } else if (event instanceof IncumbentEvent.StopRequested stop) {
            stopRequested(stop);
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
        state.startDeadline(Deadline.HELLO);
    }

    private void common(CommonEvent event) {
        if (event instanceof CommonEvent.Received received) {
            received(received.message());
        } else if (event instanceof CommonEvent.PeerEnded ended) {
            ending.lost(ended.why());
        } else if (event instanceof CommonEvent.DeadlineReached reached) {
            deadlineReached(reached.waitFor());
        }
    }

    private void deadlineReached(Deadline wait) {
        if (state.expired(wait)) {
            ending.lostAndTell("the deadline " + wait + " ran out in phase "
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
        state.startDeadline(Deadline.READY);
    }

    private void acceptingStopped(IncumbentEvent event) {
        require(state.phase() instanceof StoppingAccept, event);
        if (terms.together()) {
            state.enter(new StoppingConnections(), "nobody accepts");
            state.act(new IncumbentAction.StopConnections());
            if (ending.isLeaving()) {
                state.act(new IncumbentAction.StopWaiting());
            }
            state.startDeadline(Deadline.STOP_CONNECTIONS);
        } else {
            sendFinalState("nobody accepts", Deadline.FINAL_STATE);
        }
    }

    private void connectionsStopped(IncumbentEvent.ConnectionsStopped event) {
        require(state.phase() instanceof StoppingConnections, event);
        stopped.others(event.kept(), event.closed());
        sendFinalState("every connection that moves stands still", Deadline.STANDSTILL);
    }

    private void sendFinalState(String reason, Deadline wait) {
        state.enter(new SendingFinalState(), reason);
        state.act(new IncumbentAction.SendFinalState());
        state.startDeadline(wait);
    }

    private void finalStateSent(IncumbentEvent event) {
        require(state.phase() instanceof SendingFinalState, event);
        state.enter(new CuttingOver(false), "the final state is sent");
        state.send(new Message.Cutover());
        state.startDeadline(terms.together() ? Deadline.STANDSTILL : Deadline.CUTOVER);
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
        state.startDeadline(Deadline.STANDSTILL);
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
            state.startDeadline(Deadline.ADOPTION);
        }
    }

    private void firstPassDone(IncumbentEvent.FirstPassDone event) {
        require(inDoubt.isEmpty(), event);
        IncumbentPhase phase = state.phase();
        if (phase instanceof Moving) {
            state.enter(new AwaitComplete(), "the first pass is done");
            state.send(new Message.Finished(event.moved(), event.kept(), event.closed()));
            state.startDeadline(Deadline.COMPLETE);
        } else if (phase instanceof Draining draining && !draining.finished()) {
            state.enter(new Draining(true), "the first pass is done");
            state.send(new Message.Finished(event.moved(), event.kept(), event.closed()));
            ending.endIfLeaving();
        } else {
            throw state.illegal(event);
        }
    }

    private void drained(IncumbentEvent event) {
        require(state.phase() instanceof Draining && inDoubt.isEmpty(), event);
        ending.end(new IncumbentOutcome.HandedOver(false, "drained"));
    }

    /** The upgrade goes on, and waits for nothing that need not be; where there is none it is called off. */
    private void stopRequested(IncumbentEvent.StopRequested event) {
        IncumbentPhase phase = state.phase();
        if (phase instanceof Idle || phase instanceof AwaitHello) {
            ending.failAndTell(event.reason());
        } else if (!ending.isLeaving()) {
            ending.leave();
            if (phase instanceof StoppingConnections) {
                state.act(new IncumbentAction.StopWaiting());
            }
            ending.endIfLeaving();
        }
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
            ending.lost("the successor aborted: " + abort.reason());
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
            state.startDeadline(Deadline.STATE);
        }
    }

    private void refuse(RefusalCode code, String reason) {
        state.send(new Message.Refused(code, reason));
        ending.end(new IncumbentOutcome.Refused(code, reason));
    }

    private void ready(Message message) {
        if (!(state.phase() instanceof AwaitReady)) {
            protocolError(message, state.unexpected(message));
            return;
        }
        state.enter(new StoppingAccept(), "the successor is ready");
        state.act(new IncumbentAction.StopAccepting());
        state.startDeadline(Deadline.STOP_ACCEPTING);
    }

    private void failed(Message.Failed failed) {
        Accepting accepting = ending.accepting(state.phase());
        boolean undecided = terms.together() && accepting == Accepting.CUT_OVER;
        if (accepting == Accepting.NEVER_STOPPED || accepting == Accepting.STOPPED || undecided) {
            ending.fail("the successor cannot take over: " + failed.reason());
        } else {
            protocolError(failed, state.unexpected(failed));
        }
    }

    private void adopted(Message.Adopted adopted) {
        List<Long> known = ending.settle(adopted.ids());
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
        List<Long> known = ending.settle(List.of(rejected.id()));
        if (known.isEmpty()) {
            protocolError(rejected, "REJECTED names a unit that is not in doubt: " + rejected.id());
        } else {
            state.act(new IncumbentAction.ResumeUnits(known, "rejected: " + rejected.reason()));
            progressOfAdoption();
        }
    }

    private void progressOfAdoption() {
        if (state.phase() instanceof AwaitComplete) {
            return;
        }
        if (inDoubt.isEmpty()) {
            state.cancelDeadline();
            ending.endIfLeaving();
        } else {
            state.startDeadline(Deadline.ADOPTION);
        }
    }

    private void complete(Message message) {
        IncumbentPhase phase = state.phase();
        if (terms.together()) {
            completeTogether(message);
        } else if (phase instanceof CuttingOver cutting && !cutting.completed()) {
            ending.handOver(new CuttingOver(true));
        } else if (phase instanceof Moving) {
            ending.handOver(new Draining(false));
        } else if (phase instanceof AwaitComplete) {
            ending.handOver(new Draining(true));
            progressOfAdoption();
        } else {
            protocolError(message, state.unexpected(message));
        }
    }

    private void completeTogether(Message message) {
        if (state.phase() instanceof AwaitComplete) {
            state.cancelDeadline();
            ending.handOver(new Draining(true));
            ending.endIfLeaving();
        } else {
            protocolError(message, state.unexpected(message));
        }
    }

    // ---- how it ends

    private void protocolError(Message message, String reason) {
        state.discard(message);
        ending.failAndTell("protocol error: " + reason);
    }
}
