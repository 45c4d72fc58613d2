package io.fdnetty.internal.machine;

import io.fdnetty.UpgradePhase;
import io.fdnetty.channel.Lifeline;
import io.fdnetty.internal.machine.SuccessorPhase.Alone;
import io.fdnetty.internal.machine.SuccessorPhase.AwaitCutover;
import io.fdnetty.internal.machine.SuccessorPhase.AwaitLifeline;
import io.fdnetty.internal.machine.SuccessorPhase.Completing;
import io.fdnetty.internal.machine.SuccessorPhase.Ended;
import io.fdnetty.internal.machine.SuccessorPhase.Joining;
import io.fdnetty.internal.machine.SuccessorPhase.Offered;
import io.fdnetty.internal.machine.SuccessorPhase.Receiving;
import io.fdnetty.internal.machine.SuccessorPhase.ReceivingState;
import io.fdnetty.internal.machine.SuccessorPhase.Serving;
import java.util.List;

/**
 * The end of {@link SuccessorMachine}: the lost control socket is read out, the life-line decides who owns what, and
 * the rest is started or abandoned.
 */
final class SuccessorEnding {
    private final SuccessorState state;
    private final ArrivalLedger units;
    private final SectionLedger sections;

    SuccessorEnding(SuccessorState state, ArrivalLedger units, SectionLedger sections) {
        this.state = state;
        this.units = units;
        this.sections = sections;
    }

    /** Whether this phase comes after the control socket. */
    static boolean covers(SuccessorPhase phase) {
        return phase instanceof AwaitLifeline || phase instanceof Alone || phase instanceof Ended;
    }

    void on(SuccessorEvent event) {
        SuccessorPhase phase = state.phase();
        if (event instanceof CommonEvent.Connected) {
            throw state.illegal(event);
        } else if (event instanceof CommonEvent.Received received) {
            state.discard(received.message());
        } else if (phase instanceof AwaitLifeline waiting) {
            awaitLifeline(waiting, event);
        } else if (phase instanceof Alone alone) {
            alone(alone, event);
        } else {
            afterEnd(event);
        }
    }

    // ---- AwaitLifeline

    /** Everything is read and written: who owns the rest? */
    void askLifeline(SuccessorPhase live, UpgradePhase step, String reason) {
        state.cancelDeadline();
        if (live instanceof Serving && units.isEmpty()) {
            end(new SuccessorOutcome.Serves());
        } else {
            state.enter(new AwaitLifeline(live, step, reason), "the control socket is read to its end");
            state.act(new SuccessorAction.AskLifeline());
        }
    }

    private void awaitLifeline(AwaitLifeline waiting, SuccessorEvent event) {
        if (event instanceof SuccessorEvent.LifelineSaid said) {
            if (said.word() == Lifeline.Word.DEAD) {
                incumbentDead(waiting);
            } else {
                incumbentLives(waiting, said.word());
            }
        } else if (event instanceof SuccessorEvent.UnitsAdopted adopted) {
            hold(adopted);
        } else if (event instanceof SuccessorEvent.UnitRejected rejected) {
            drop(rejected);
        } else if (event instanceof SuccessorEvent.SectionRejected rejected) {
            sections.unusable(rejected.name());
        } else if (event instanceof SuccessorEvent.AuthorReady && waiting.live() instanceof Offered) {
            state.enter(new AwaitLifeline(new AwaitCutover(), waiting.step(), waiting.reason()), "the author is ready");
        } else if (event instanceof SuccessorEvent.AuthorFailed failed && mayRefuse(waiting.live())) {
            giveUp(waiting.step(), failed.reason());
        } else if (isStale(event)) {
            ignore(event);
        } else {
            throw state.illegal(event);
        }
    }

    static boolean isBeforeCutover(SuccessorPhase live) {
        return live instanceof ReceivingState || live instanceof Offered || live instanceof AwaitCutover;
    }

    /** Whether the listeners accept in this phase. */
    static boolean accepts(SuccessorPhase live) {
        return (live instanceof Receiving receiving && receiving.accepting())
                || (live instanceof Completing completing && completing.accepting())
                || live instanceof Serving;
    }

    /** Whether this process can still say that it does not take over. */
    static boolean mayRefuse(SuccessorPhase live) {
        return isBeforeCutover(live)
                || (live instanceof Receiving receiving && !receiving.accepting())
                || live instanceof Joining
                || (live instanceof Completing completing && !completing.accepting());
    }

    private void incumbentDead(AwaitLifeline waiting) {
        SuccessorPhase live = waiting.live();
        String reason = waiting.reason();
        if (live instanceof ReceivingState receiving && !receiving.listeners()) {
            end(new SuccessorOutcome.ColdStart(reason));
        } else if (live instanceof Serving) {
            goOn(new Alone(true, new SuccessorOutcome.Serves()), reason);
        } else {
            serveAlone(live, reason);
        }
    }

    private void serveAlone(SuccessorPhase live, String reason) {
        boolean ready = !(live instanceof ReceivingState || live instanceof Offered);
        state.act(new SuccessorAction.ServeAlone(reason, sections.missing(), sections.isOffered()));
        if (ready) {
            serve(!accepts(live));
        }
        goOn(new Alone(ready, new SuccessorOutcome.ServesAlone(reason)), reason);
    }

    private void serve(boolean accept) {
        if (accept) {
            state.act(new SuccessorAction.AcceptFromHere());
        }
        state.act(new SuccessorAction.ServerNow());
    }

    private void incumbentLives(AwaitLifeline waiting, Lifeline.Word word) {
        String reason = waiting.reason() + " (life-line: " + word + ')';
        boolean server = waiting.live() instanceof Serving;
        if (!server) {
            state.act(new SuccessorAction.GiveUp(reason));
        }
        abandonHeld();
        end(server ? new SuccessorOutcome.Serves() : new SuccessorOutcome.GaveUp(waiting.step(), reason));
    }

    // ---- Alone

    private void goOn(Alone alone, String reason) {
        state.enter(alone, reason);
        start(units.takeHeld());
        endIfNothingIsLeft(alone);
    }

    private void alone(Alone alone, SuccessorEvent event) {
        if (event instanceof SuccessorEvent.UnitsAdopted adopted) {
            hold(adopted);
            start(units.takeHeld());
            endIfNothingIsLeft(alone);
        } else if (event instanceof SuccessorEvent.UnitRejected rejected) {
            drop(rejected);
            endIfNothingIsLeft(alone);
        } else if (event instanceof SuccessorEvent.AuthorReady && !alone.ready()) {
            serve(true);
            end(alone.outcome());
        } else if (event instanceof SuccessorEvent.AuthorFailed failed && !alone.ready()) {
            giveUp(UpgradePhase.ALONE, failed.reason());
        } else if (event instanceof SuccessorEvent.SectionRejected || isStale(event)) {
            ignore(event);
        } else {
            throw state.illegal(event);
        }
    }

    private void endIfNothingIsLeft(Alone alone) {
        if (alone.ready() && units.isEmpty()) {
            end(alone.outcome());
        }
    }

    // ---- units

    void hold(SuccessorEvent.UnitsAdopted event) {
        requireAdopting(event.ids(), event);
        units.held(event.ids());
    }

    void drop(SuccessorEvent.UnitRejected event) {
        requireAdopting(List.of(event.id()), event);
        units.rejected(event.id());
    }

    void requireAdopting(List<Long> ids, SuccessorEvent event) {
        if (!units.areAdopting(ids)) {
            throw state.illegal(event);
        }
    }

    void start(List<Long> ids) {
        if (!ids.isEmpty()) {
            state.act(new SuccessorAction.StartUnits(ids));
        }
    }

    // ---- the end

    void giveUp(UpgradePhase step, String reason) {
        giveUp(new SuccessorOutcome.GaveUp(step, reason), reason);
    }

    void giveUp(SuccessorOutcome outcome, String reason) {
        state.act(new SuccessorAction.GiveUp(reason));
        abandonHeld();
        end(outcome);
    }

    private void abandonHeld() {
        List<Long> held = units.takeHeld();
        if (!held.isEmpty()) {
            state.act(new SuccessorAction.AbandonUnits(held));
        }
    }

    void end(SuccessorOutcome outcome) {
        state.closeControl();
        state.enter(new Ended(outcome), outcome.toString());
        state.act(new SuccessorAction.End(outcome));
    }

    private void afterEnd(SuccessorEvent event) {
        if (event instanceof SuccessorEvent.UnitsAdopted adopted) {
            hold(adopted);
            state.act(new SuccessorAction.AbandonUnits(units.takeHeld()));
        } else if (event instanceof SuccessorEvent.UnitRejected rejected) {
            drop(rejected);
        } else {
            ignore(event);
        }
    }

    /** The end of a socket that was read to its end already, a deadline that had run out. */
    private static boolean isStale(SuccessorEvent event) {
        return event instanceof CommonEvent.PeerEnded
                || event instanceof CommonEvent.DeadlineReached
                || event instanceof SuccessorEvent.WriteFailed
                || event instanceof SuccessorEvent.Unreadable;
    }

    private static void ignore(@SuppressWarnings("unused") SuccessorEvent event) {}
}
