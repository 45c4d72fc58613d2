package io.fdnetty.fuzz;

import io.fdnetty.internal.machine.CommonAction;
import io.fdnetty.internal.machine.CommonEvent;
import io.fdnetty.internal.machine.Deadline;
import io.fdnetty.internal.machine.IncumbentAction;
import io.fdnetty.internal.machine.IncumbentEvent;
import io.fdnetty.internal.machine.IncumbentMachine;
import io.fdnetty.internal.machine.IncumbentPhase;
import io.fdnetty.internal.machine.IncumbentTerms;
import io.fdnetty.internal.protocol.Message;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** An honest incumbent around its machine: it reports only what can happen, and checks every order that it gets. */
final class IncumbentWorld {
    static final int UNITS = 6;

    /** A step of the incumbent's own, under way. */
    record Step(String name, IncumbentEvent done) {}

    private enum Unit {
        RUNNING,
        FROZEN,
        IN_DOUBT,
        RELEASED
    }

    final IncumbentMachine machine;
    final List<Step> underWay = new ArrayList<>();
    private final boolean together;
    private final Unit[] units = new Unit[UNITS];
    private final Set<Long> named = new HashSet<>();
    private boolean stopped;
    private boolean stopAsked;
    private boolean cutover;
    private boolean completeCame;
    private boolean handedOver;
    private boolean leaving;
    private boolean letGo;
    /** Connections are asked to move. */
    private boolean moving;

    private boolean standstill;
    private boolean passReported;
    private boolean revoked;
    private boolean ended;
    private boolean welcomed;
    private Deadline armed;

    /** {@code together}: all connections move or none. */
    IncumbentWorld(boolean together) {
        this.together = together;
        machine = new IncumbentMachine(new IncumbentTerms(1, 1, "app", together), (from, to, reason) -> {});
        java.util.Arrays.fill(units, Unit.RUNNING);
        on(new CommonEvent.Connected());
    }

    boolean isEnded() {
        return ended;
    }

    boolean isRevoked() {
        return revoked;
    }

    // ---- what happens

    /** The peer says something. */
    void received(Message message) {
        if (message instanceof Message.Adopted adopted) {
            named.addAll(adopted.ids());
        } else if (message instanceof Message.Complete) {
            completeCame = true;
        }
        on(new CommonEvent.Received(message));
    }

    /** The peer is gone; all that it wrote has been read. */
    void socketEnded() {
        on(revoked ? new IncumbentEvent.QueueReadToEnd() : new CommonEvent.PeerEnded("gone"));
    }

    void unreadable() {
        if (!revoked) {
            on(new IncumbentEvent.LocalFailure("protocol", "unreadable"));
        }
    }

    void cancel() {
        on(new IncumbentEvent.Cancel("cancelled"));
    }

    void stop() {
        leaving = true;
        on(new IncumbentEvent.StopRequested("stopped"));
    }

    void deadline(Deadline wait) {
        if (armed == wait) {
            armed = null;
        }
        on(new CommonEvent.DeadlineReached(wait));
    }

    boolean runningDeadline() {
        if (armed == null) {
            return false;
        }
        deadline(armed);
        return true;
    }

    void finish(int index, boolean well) {
        Step step = underWay.remove(index % underWay.size());
        if (step.done() instanceof IncumbentEvent.AcceptingStopped) {
            stopped = true;
        }
        if (well || step.done() instanceof IncumbentEvent.UnitsCaptured) {
            on(step.done());
        } else {
            on(new IncumbentEvent.LocalFailure(step.name(), "failed"));
        }
    }

    /** Freezes running units, to be reported later. */
    void capture(int mask) {
        List<Long> ids = new ArrayList<>();
        for (int i = 0; moving && i < UNITS; i++) {
            if ((mask >> i & 1) != 0 && units[i] == Unit.RUNNING) {
                units[i] = Unit.FROZEN;
                ids.add((long) i);
            }
        }
        if (!ids.isEmpty()) {
            underWay.add(new Step("captured", new IncumbentEvent.UnitsCaptured(ids)));
        }
    }

    /** Reports that all stand still, that the first pass, or that the drain is done, if it is. */
    boolean progress() {
        IncumbentPhase phase = machine.phase();
        if (phase instanceof IncumbentPhase.StoppingConnections) {
            return standStill();
        }
        boolean settled = machine.unsettled() == 0 && underWay.isEmpty();
        boolean draining = phase instanceof IncumbentPhase.Draining;
        if (settled && !passReported && (phase instanceof IncumbentPhase.Moving || draining)) {
            on(new IncumbentEvent.FirstPassDone(1, 2, 3));
            return true;
        } else if (settled && draining) {
            on(new IncumbentEvent.Drained());
            return true;
        }
        return false;
    }

    private boolean standStill() {
        if (!moving || !underWay.isEmpty()) {
            return false;
        }
        moving = false;
        standstill = true;
        on(new IncumbentEvent.ConnectionsStopped(2, 3));
        return true;
    }

    // ---- what the machine wants

    private void on(IncumbentEvent event) {
        boolean before = ended;
        for (IncumbentAction action : machine.on(event)) {
            perform(action, before);
        }
    }

    private void perform(IncumbentAction action, boolean after) {
        if (action instanceof CommonAction.Discard discard) {
            discard.message().discard();
        } else if (action instanceof IncumbentAction.ResumeUnits resume) {
            resume.ids().forEach(this::resume);
        } else {
            Checks.that(!after && !ended, "an order after the end", action);
            common(action);
        }
    }

    private void common(IncumbentAction action) {
        if (action instanceof CommonAction.Send send) {
            sent(send.message());
        } else if (action instanceof CommonAction.StartDeadline start) {
            armed = start.waitFor();
        } else if (action instanceof CommonAction.CancelDeadline) {
            armed = null;
        } else if (action instanceof IncumbentAction.Own own) {
            own(own);
        }
    }

    private void sent(Message message) {
        Checks.that(!revoked, "something is said after the revocation", message);
        if (message instanceof Message.Cutover) {
            Checks.that(stopped, "CUTOVER while we accept");
            cutover = true;
            underWay.add(new Step("cutover", new IncumbentEvent.CutoverWritten()));
        } else if (message instanceof Message.Finished finished) {
            passReported = true;
            Checks.that(!together || finished.moved() == inDoubt(), "FINISHED counts others", finished);
        }
    }

    /** How many units are; none may be left that stands still and is not sent. */
    private long inDoubt() {
        long count = 0;
        for (Unit unit : units) {
            Checks.that(unit != Unit.FROZEN, "not all move");
            count += unit == Unit.IN_DOUBT ? 1 : 0;
        }
        return count;
    }

    private void own(IncumbentAction.Own action) {
        if (action instanceof IncumbentAction.SendWelcome) {
            Checks.that(!welcomed, "two WELCOMEs");
            welcomed = true;
        } else if (action instanceof IncumbentAction.SendListenersAndState) {
            underWay.add(new Step("state", new IncumbentEvent.StateSent(new Message.Offer(6, together, List.of()))));
        } else if (action instanceof IncumbentAction.StopAccepting) {
            stopAsked = true;
            underWay.add(new Step("stop", new IncumbentEvent.AcceptingStopped()));
        } else if (action instanceof IncumbentAction.StopConnections) {
            Checks.that(together && stopped, "connections stop while we accept");
            moving = true;
        } else if (action instanceof IncumbentAction.StopWaiting) {
            Checks.that(leaving && together && moving, "nobody waits");
        } else if (action instanceof IncumbentAction.SendFinalState) {
            Checks.that(standstill == together, "the final state of connections that run");
            underWay.add(new Step("final state", new IncumbentEvent.FinalStateSent()));
        } else if (action instanceof IncumbentAction.MoveConnections) {
            Checks.that(cutover && !together, "connections move before CUTOVER");
            moving = true;
        } else if (action instanceof IncumbentAction.SendUnits send) {
            Checks.that(cutover, "connections go before CUTOVER");
            send.ids().forEach(id -> move(id, Unit.FROZEN, Unit.IN_DOUBT));
        } else if (action instanceof IncumbentAction.ReleaseUnits release) {
            release.ids().forEach(this::release);
        } else {
            ending(action);
        }
    }

    private void ending(IncumbentAction.Own action) {
        if (action instanceof IncumbentAction.LetGo) {
            Checks.that(leaving && !revoked && !letGo, "an incumbent that goes on lets go");
            letGo = true;
            moving = false;
        } else if (action instanceof IncumbentAction.Revoke) {
            Checks.that(!revoked, "revoked twice");
            revoked = true;
            moving = false;
        } else if (action instanceof IncumbentAction.ResumeAccepting) {
            Checks.that(stopAsked && !handedOver, "accepting is resumed out of place");
            stopped = false;
            stopAsked = false;
        } else if (action instanceof IncumbentAction.RoleHandedOver) {
            Checks.that((letGo || (cutover && completeCame)) && !handedOver, "the role is given away without COMPLETE");
            handedOver = true;
        } else if (action instanceof IncumbentAction.End) {
            ended = true;
            moving = false;
        }
    }

    private void move(long id, Unit from, Unit to) {
        Checks.that(units[(int) id] == from, "unit " + id + " goes to " + to + " from " + units[(int) id]);
        units[(int) id] = to;
    }

    private void release(long id) {
        Checks.that(letGo || (together ? completeCame : named.contains(id)), "a unit is released without ADOPTED", id);
        move(id, Unit.IN_DOUBT, Unit.RELEASED);
    }

    private void resume(long id) {
        Unit unit = units[(int) id];
        Checks.that(unit == Unit.FROZEN || unit == Unit.IN_DOUBT, "a unit is resumed that is not ours", id);
        Checks.that(!(together && handedOver && unit == Unit.IN_DOUBT), "a unit comes back from the server", id);
        units[(int) id] = Unit.RUNNING;
    }

    /** When all is over. */
    void assertSettled() {
        Checks.that(ended, "it does not end", machine.phase());
        Checks.that(machine.unsettled() == 0, "units are in doubt for ever");
        Checks.that(armed == null, "a deadline runs on", armed);
        for (Unit unit : units) {
            Checks.that(unit == Unit.RUNNING || unit == Unit.RELEASED, "nobody owns a unit", unit);
            Checks.that(!together || handedOver || unit == Unit.RUNNING, "not all stay", unit);
        }
        Checks.that(handedOver || !stopAsked, "nobody accepts");
    }
}
