package io.fdnetty.internal.machine;

import static java.util.Objects.requireNonNull;

import io.fdnetty.internal.machine.SuccessorPhase.AwaitCutover;
import io.fdnetty.internal.machine.SuccessorPhase.AwaitWelcome;
import io.fdnetty.internal.machine.SuccessorPhase.Completing;
import io.fdnetty.internal.machine.SuccessorPhase.Idle;
import io.fdnetty.internal.machine.SuccessorPhase.Joining;
import io.fdnetty.internal.machine.SuccessorPhase.Offered;
import io.fdnetty.internal.machine.SuccessorPhase.ReadingOut;
import io.fdnetty.internal.machine.SuccessorPhase.Receiving;
import io.fdnetty.internal.machine.SuccessorPhase.ReceivingState;
import io.fdnetty.internal.machine.SuccessorPhase.Serving;
import io.fdnetty.internal.protocol.Message;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a successor does in one upgrade: events in, actions out. docs/protocol.md has its table.
 *
 * <p>Touches no channel and no clock. Not thread-safe: its driver feeds it from one thread and carries out the actions
 * of an event, in order, before it reports the next. An event of the driver's that is out of place is an
 * {@link IllegalStateException}; a message of the peer's that is out of place ends the upgrade.
 *
 * <p>A unit is ours when the write of its ADOPTED has succeeded, or when the incumbent is dead and took nothing back;
 * until then it neither reads nor writes. Where all move together the write of COMPLETE stands for that of every
 * ADOPTED, and nobody is accepted before it either.
 */
public final class SuccessorMachine {
    private final Message.Hello hello;
    private final SuccessorState state;
    private final ArrivalLedger units = new ArrivalLedger();
    private final SectionLedger sections = new SectionLedger();
    private final SuccessorEnding ending;

    /** A machine that will introduce itself with this message. */
    public SuccessorMachine(Message.Hello hello, PhaseListener listener) {
        this.hello = requireNonNull(hello, "hello");
        this.state = new SuccessorState(requireNonNull(listener, "listener"));
        this.ending = new SuccessorEnding(state, units, sections);
    }

    public SuccessorPhase phase() {
        return state.phase();
    }

    /** How many units arrived and are neither started, abandoned nor rejected. */
    public int unsettled() {
        return units.size();
    }

    /**
     * Decides about one event.
     *
     * @return what the driver is to do, in this order
     * @throws IllegalStateException if the driver reports an event that cannot happen now; nothing has changed then
     */
    public List<SuccessorAction> on(SuccessorEvent event) {
        return state.on(event, this::decide);
    }

    private void decide(SuccessorEvent event) {
        SuccessorPhase phase = state.phase();
        if (SuccessorEnding.covers(phase)) {
            ending.on(event);
        } else if (event instanceof CommonEvent.Connected && phase instanceof Idle) {
            state.enter(new AwaitWelcome(), "connected");
            state.send(hello);
            state.startDeadline(Deadline.WELCOME);
        } else if (event instanceof CommonEvent.Connected || phase instanceof Idle) {
            throw state.illegal(event);
        } else if (event instanceof CommonEvent.Received received) {
            received(received.message());
        } else if (event instanceof CommonEvent.PeerEnded ended) {
            lose(ended.why());
            update(completing(), true, false);
        } else if (event instanceof CommonEvent.DeadlineReached reached) {
            deadlineReached(reached.waitFor());
        } else {
            local((SuccessorEvent.Local) event);
        }
    }

    // ---- what our own process reports

    private void local(SuccessorEvent.Local event) {
        if (event instanceof SuccessorEvent.WriteFailed failed) {
            writeFailed(failed);
        } else if (event instanceof SuccessorEvent.Unreadable unreadable) {
            breakOff(unreadable.why(), true);
        } else if (event instanceof SuccessorEvent.AuthorReady) {
            authorReady(event);
        } else if (event instanceof SuccessorEvent.AuthorFailed failed) {
            authorFailed(failed);
        } else if (event instanceof SuccessorEvent.SectionRejected rejected) {
            sectionRejected(rejected);
        } else if (event instanceof SuccessorEvent.UnitsAdopted adopted) {
            unitsAdopted(adopted);
        } else if (event instanceof SuccessorEvent.UnitRejected rejected) {
            unitRejected(rejected);
        } else if (event instanceof SuccessorEvent.AdoptedWritten written) {
            adoptedWritten(written);
        } else if (event instanceof SuccessorEvent.CompleteWritten) {
            completeWritten(event);
        } else {
            throw state.illegal(event);
        }
    }

    private void writeFailed(SuccessorEvent.WriteFailed event) {
        units.writesFailed();
        lose(event.why());
        update(false, false, false);
    }

    private void authorReady(SuccessorEvent event) {
        require(state.live() instanceof Offered, event);
        state.move(new AwaitCutover(), "the author is ready");
        state.send(new Message.Ready());
        state.startDeadline(Deadline.CUTOVER);
    }

    private void authorFailed(SuccessorEvent.AuthorFailed event) {
        require(SuccessorEnding.mayRefuse(state.live()), event);
        if (!completing()) { // else whoever reads COMPLETE has let go
            refuse(event.reason());
        }
    }

    private void sectionRejected(SuccessorEvent.SectionRejected event) {
        SuccessorPhase live = state.live();
        require(SuccessorEnding.isBeforeCutover(live) || isCutOver(live), event);
        sections.unusable(event.name());
        if (state.isLost() || live instanceof Completing || live instanceof Serving) {
            return; // whoever is the only server is better than none
        }
        String reason = "state section \"" + event.name() + "\": " + event.reason();
        if (live instanceof Receiving && !units.areTogether()) {
            breakOff(reason, false);
        } else {
            refuse(reason);
        }
    }

    private void refuse(String reason) {
        state.send(new Message.Failed(reason));
        ending.giveUp(state.live().upgradePhase(), reason);
    }

    private void unitsAdopted(SuccessorEvent.UnitsAdopted event) {
        if (state.isLost() || units.areTogether()) {
            ending.hold(event);
            completeTogether();
            return;
        }
        ending.requireAdopting(event.ids(), event);
        units.sending(event.ids());
        state.act(new SuccessorAction.SendAdopted(event.ids()));
        if (state.live() instanceof Serving && !state.isRunning(Deadline.WRITE)) {
            state.startDeadline(Deadline.WRITE);
        }
    }

    private void unitRejected(SuccessorEvent.UnitRejected event) {
        ending.drop(event);
        if (!units.areTogether()) {
            state.send(new Message.Rejected(event.id(), event.reason()));
        } else if (!state.isLost()) {
            refuse("all move or none, and connection " + event.id() + " cannot: " + event.reason());
        }
    }

    private void adoptedWritten(SuccessorEvent.AdoptedWritten event) {
        require(units.areSending(event.ids()), event);
        units.written(event.ids());
        ending.start(event.ids());
        if (state.isLost()) {
            settle();
        } else if (state.live() instanceof Serving) {
            superviseWrites();
        }
    }

    private void completeWritten(SuccessorEvent event) {
        require(completing(), event);
        boolean accepted = SuccessorEnding.accepts(state.live());
        state.move(new Serving(), "COMPLETE is written");
        if (!accepted) {
            state.act(new SuccessorAction.AcceptFromHere());
            ending.start(units.takeHeld());
        }
        state.act(new SuccessorAction.ServerNow());
        if (state.isLost()) {
            update(false, false, false);
        } else {
            superviseWrites();
        }
    }

    /** Whether the write of COMPLETE is undecided. */
    private boolean completing() {
        return state.phase() instanceof ReadingOut reading ? reading.completing() : state.live() instanceof Completing;
    }

    /** A server waits for nothing but its own writes. */
    private void superviseWrites() {
        if (units.isSending()) {
            state.startDeadline(Deadline.WRITE);
        } else {
            state.cancelLiveDeadline();
        }
    }

    private void require(boolean legal, SuccessorEvent event) {
        if (!legal) {
            throw state.illegal(event);
        }
    }

    // ---- what the incumbent says

    private void received(Message message) {
        SuccessorPhase live = state.live();
        if (state.phase() instanceof ReadingOut reading && reading.faulty()) {
            state.discard(message);
        } else if (message instanceof Message.Abort abort) {
            lose("the incumbent aborted: " + abort.reason());
            update(completing(), false, false);
        } else if (live instanceof AwaitWelcome) {
            greeting(message);
        } else if (live instanceof ReceivingState receiving) {
            stateBeforeReady(receiving, message);
        } else if (live instanceof AwaitCutover) {
            stateAfterReady(message);
        } else if (isCutOver(live)) {
            afterCutover(live, message);
        } else {
            protocolError(message, state.unexpected(message));
        }
    }

    private void afterCutover(SuccessorPhase live, Message message) {
        boolean open = live instanceof Receiving || !units.areTogether();
        if (message instanceof Message.Connections connections && open) {
            connections(connections);
        } else if (message instanceof Message.Finished finished && open) {
            finished(live, finished);
        } else {
            protocolError(message, state.unexpected(message));
        }
    }

    private static boolean isCutOver(SuccessorPhase phase) {
        return phase instanceof Receiving
                || phase instanceof Joining
                || phase instanceof Completing
                || phase instanceof Serving;
    }

    private void greeting(Message message) {
        if (message instanceof Message.Refused refused) {
            ending.end(new SuccessorOutcome.Refused(refused.code(), refused.reason()));
        } else if (message instanceof Message.Welcome welcome) {
            welcome(welcome);
        } else {
            protocolError(message, state.unexpected(message));
        }
    }

    private void welcome(Message.Welcome welcome) {
        if (welcome.version() < hello.minVersion() || welcome.version() > hello.maxVersion()) {
            protocolError(welcome, "WELCOME chooses version " + welcome.version() + ", which we did not offer");
            return;
        }
        state.move(new ReceivingState(false), "pid " + welcome.pid() + " hands over");
        state.act(new SuccessorAction.KeepLifeline(welcome));
        state.startDeadline(Deadline.STATE);
    }

    private void stateBeforeReady(ReceivingState receiving, Message message) {
        if (message instanceof Message.Listeners listeners && !receiving.listeners()) {
            state.move(new ReceivingState(true), "the listeners are here");
            state.act(new SuccessorAction.AdoptListeners(listeners));
            state.startDeadline(Deadline.STATE);
        } else if (message instanceof Message.Offer offer && receiving.listeners()) {
            offer(offer);
        } else if (isState(message) && receiving.listeners()) {
            loadState(message, Deadline.STATE);
        } else {
            protocolError(message, state.unexpected(message));
        }
    }

    private void offer(Message.Offer offer) {
        String wrong = sections.offer(offer);
        if (wrong != null) {
            protocolError(offer, wrong);
            return;
        }
        if (offer.together()) {
            units.moveTogether();
        }
        state.cancelLiveDeadline();
        state.move(new Offered(), "the state is here");
        state.act(new SuccessorAction.ReleaseOffer(offer));
    }

    private void stateAfterReady(Message message) {
        if (isState(message)) {
            loadState(message, Deadline.CUTOVER);
        } else if (message instanceof Message.Cutover) {
            cutover(message);
        } else {
            protocolError(message, state.unexpected(message));
        }
    }

    private void cutover(Message message) {
        String wrong = sections.cutover();
        if (wrong != null) {
            protocolError(message, wrong);
            return;
        }
        boolean accepting = !state.isLost() && !units.areTogether();
        state.move(new Receiving(accepting), "CUTOVER");
        if (accepting) {
            state.act(new SuccessorAction.AcceptFromHere());
        }
        state.startDeadline(Deadline.FINISHED);
    }

    private static boolean isState(Message message) {
        return message instanceof Message.StateBegin
                || message instanceof Message.StateChunk
                || message instanceof Message.StateEnd;
    }

    private void loadState(Message message, Deadline wait) {
        String wrong = checkState(message);
        if (wrong != null) {
            protocolError(message, wrong);
            return;
        }
        state.act(new SuccessorAction.LoadState(message));
        state.startDeadline(wait);
    }

    private @Nullable String checkState(Message message) {
        if (message instanceof Message.StateBegin begin) {
            return sections.begin(begin);
        } else if (message instanceof Message.StateChunk chunk) {
            return sections.chunk(chunk.bytes().readableBytes());
        }
        return sections.end((Message.StateEnd) message);
    }

    private void connections(Message.Connections connections) {
        if (!units.arrived(connections.units())) {
            protocolError(connections, "CONNECTIONS names no unit, or one that is here already");
            return;
        }
        state.act(new SuccessorAction.Adopt(connections.units()));
        if (state.live() instanceof Receiving) {
            state.startDeadline(Deadline.FINISHED);
        }
    }

    /** In the other two phases we took the role before the incumbent had finished; then it tells us nothing new. */
    private void finished(SuccessorPhase live, Message.Finished finished) {
        if (units.areTogether()) {
            allSent(finished);
        } else if (live instanceof Receiving && !state.isLost()) {
            complete("FINISHED");
        }
    }

    private void allSent(Message.Finished finished) {
        if (finished.moved() != units.arrivals()) {
            protocolError(
                    finished, "FINISHED counts " + finished.moved() + " units, " + units.arrivals() + " are here");
            return;
        }
        state.move(new Joining(), "FINISHED");
        state.startDeadline(Deadline.FINISHED);
        completeTogether();
    }

    /** One acknowledgement for all, once every unit is held. */
    private void completeTogether() {
        if (state.phase() instanceof Joining && !units.isAdopting()) {
            complete("every unit is held");
        }
    }

    private void complete(String reason) {
        state.move(new Completing(!units.areTogether()), reason);
        state.send(new Message.Complete());
        state.startDeadline(Deadline.COMPLETE);
    }

    // ---- how it ends

    private void deadlineReached(Deadline wait) {
        if (!state.expired(wait)) {
            return;
        }
        String reason =
                "the deadline " + wait + " ran out in phase " + state.live().label();
        if (state.phase() instanceof ReadingOut) {
            state.act(new SuccessorAction.ShutControl());
            update(completing(), false, true);
        } else if (state.live() instanceof Receiving && !units.areTogether()) {
            complete(reason);
        } else {
            breakOff(reason, false);
        }
    }

    private void protocolError(Message message, String reason) {
        state.discard(message);
        String error = "protocol error: " + reason;
        if (state.isLost() || isCutOver(state.live())) {
            breakOff(error, true);
        } else {
            state.send(new Message.Abort(error));
            ending.giveUp(state.live().upgradePhase(), error);
        }
    }

    /** Ends the conversation; the queues and the life-line say what that means. */
    private void breakOff(String reason, boolean faulty) {
        boolean lostBefore = state.isLost();
        if (!lostBefore) {
            state.send(new Message.Abort(reason));
            state.act(new SuccessorAction.ShutControl());
        }
        lose(reason);
        if (faulty && state.phase() instanceof ReadingOut old) {
            state.enter(
                    new ReadingOut(
                            old.live(), old.step(), old.reason(), old.completing(), old.peerEnded(), true, old.shut()),
                    reason);
        }
        update(completing(), false, !lostBefore);
    }

    /** From here on nothing is sent. Before WELCOME there is nothing to read out either. */
    private void lose(String reason) {
        SuccessorPhase live = state.live();
        if (live instanceof AwaitWelcome) {
            String why = "the predecessor ended the connection: " + reason;
            ending.giveUp(new SuccessorOutcome.Unanswered(why), why);
        } else if (!state.isLost()) {
            state.enter(new ReadingOut(live, live.upgradePhase(), reason, completing(), false, false, false), reason);
        }
    }

    /** What has become known about the lost socket; what was true before stays true. */
    private void update(boolean completing, boolean peerEnded, boolean shut) {
        if (!(state.phase() instanceof ReadingOut old)) {
            return;
        }
        ReadingOut next = new ReadingOut(
                old.live(),
                old.step(),
                old.reason(),
                completing,
                old.peerEnded() || peerEnded,
                old.faulty(),
                old.shut() || shut);
        if (!next.equals(old)) {
            state.enter(next, old.reason());
        }
        settle();
    }

    /** Once we have shut the socket down ourselves, its end and the fate of each write need no waiting for the peer. */
    private void settle() {
        if (!(state.phase() instanceof ReadingOut reading)) {
            return;
        }
        if (reading.peerEnded() && !reading.completing() && !units.isSending()) {
            ending.askLifeline(reading.live(), reading.step(), reading.reason());
        } else if (reading.shut()) {
            state.cancelDeadline();
        } else if (!state.isRunning(Deadline.READ_OUT)) {
            state.startDeadline(Deadline.READ_OUT);
        }
    }
}
