package io.fdnetty.internal.machine;

import io.fdnetty.fd.Descriptor;
import io.fdnetty.internal.protocol.ConnectionUnit;
import io.fdnetty.internal.protocol.Message;
import io.fdnetty.internal.protocol.SectionInfo;
import io.netty.buffer.Unpooled;
import io.netty.channel.unix.FileDescriptor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The incumbent's driver in the exploration. */
final class SimIncumbent extends SimProcess {
    static final Descriptor NO_DESCRIPTOR = Descriptor.borrow(new FileDescriptor(0), "simulated");

    final IncumbentMachine machine;
    final List<SimUnit> toMove = new ArrayList<>();
    final List<SimUnit> lateMovers = new ArrayList<>();

    @Nullable
    IncumbentOutcome outcome;

    final List<SimUnit> movers = new ArrayList<>();
    final boolean heldUp;
    boolean retired;
    boolean moving;
    int unreported;
    boolean firstPassReported;
    boolean revoking;
    boolean letGo;
    private boolean stopDue;

    SimIncumbent(Simulation world) {
        super(world, world.socket.incumbent);
        accepting = true;
        machine = new IncumbentMachine(
                new IncumbentTerms(1, 1, "sim", world.together),
                (from, to, why) -> world.log("I: " + from + " -> " + to));
        for (SimUnit unit : world.units) {
            int fate = random.nextInt(10);
            if (fate < 7) {
                toMove.add(unit);
            } else if (fate < 9) {
                lateMovers.add(unit);
            }
        }
        movers.addAll(toMove);
        heldUp = world.isUnlucky();
        stopDue = random.nextInt(3) == 0;
    }

    @Override
    String name() {
        return "I";
    }

    @Override
    boolean isEnded() {
        return machine.phase() instanceof IncumbentPhase.Ended && todo.isEmpty();
    }

    /** Whether it takes nothing back any more without having said so. */
    boolean isGone() {
        return dead || letGo;
    }

    void on(IncumbentEvent event) {
        world.log("I: " + event);
        for (IncumbentAction action : machine.on(event)) {
            todo.add(new Step("I: " + action, () -> perform(action)));
        }
    }

    @Override
    void received(Message message) {
        on(new CommonEvent.Received(message));
    }

    @Override
    void socketEnded() {
        on(revoking ? new IncumbentEvent.QueueReadToEnd() : new CommonEvent.PeerEnded("end of stream"));
    }

    @Override
    void torn() {
        if (!revoking) {
            on(new IncumbentEvent.LocalFailure("protocol", "torn"));
        }
    }

    @Override
    void taken(Message message) {
        if (message instanceof Message.Connections connections) {
            connections.units().forEach(unit -> world.unit(unit.id()).delivered = true);
        }
    }

    @Override
    void writesFailed() {
        if (random.nextBoolean()) {
            on(new IncumbentEvent.LocalFailure("write", "EPIPE"));
        }
    }

    @Override
    void deadlineReached(Deadline wait) {
        on(new CommonEvent.DeadlineReached(wait));
    }

    @Override
    List<Step> steps() {
        List<Step> steps = super.steps();
        if (dead || hung || !todo.isEmpty()) {
            return steps;
        }
        IncumbentPhase phase = machine.phase();
        if (stopDue && !revoking && random.nextInt(20) == 0) {
            steps.add(new Step("I: is stopped", () -> {
                stopDue = false;
                on(new IncumbentEvent.StopRequested("stopped"));
            }));
        }
        boolean draining = phase instanceof IncumbentPhase.Draining;
        if (moving) {
            moveSteps(steps, phase);
        }
        if (draining && machine.unsettled() == 0 && world.units.stream().noneMatch(SimIncumbent::isHere)) {
            steps.add(new Step("I: drained", () -> on(new IncumbentEvent.Drained())));
        }
        return steps;
    }

    /** The drain deadline. */
    @Override
    void patience(List<Step> steps) {
        super.patience(steps);
        boolean draining = machine.phase() instanceof IncumbentPhase.Draining;
        if (!dead && !hung && todo.isEmpty() && draining && world.units.stream().anyMatch(SimIncumbent::isHere)) {
            steps.add(new Step("I: farewell", this::farewell));
        }
    }

    private void moveSteps(List<Step> steps, IncumbentPhase phase) {
        if (!toMove.isEmpty()) {
            steps.add(new Step("I: capture", () -> capture(toMove)));
        } else if (phase instanceof IncumbentPhase.StoppingConnections
                && unreported == 0
                && (!heldUp || machine.isLeaving())) {
            steps.add(new Step("I: all stand still", () -> on(new IncumbentEvent.ConnectionsStopped(1, 0))));
        } else if (!firstPassReported
                && !world.together
                && machine.unsettled() == 0
                && (phase instanceof IncumbentPhase.Moving || phase instanceof IncumbentPhase.Draining)) {
            steps.add(new Step("I: first pass done", () -> {
                firstPassReported = true;
                on(new IncumbentEvent.FirstPassDone(1, 1, 0));
            }));
        }
        if (!lateMovers.isEmpty() && !world.together) {
            steps.add(new Step("I: late capture", () -> capture(lateMovers)));
        }
    }

    private static boolean isHere(SimUnit unit) {
        return unit.incumbent == SimUnit.Here.RUNNING || unit.incumbent == SimUnit.Here.FROZEN;
    }

    private void farewell() {
        toMove.clear();
        lateMovers.clear();
        for (SimUnit unit : world.units) {
            if (unit.incumbent == SimUnit.Here.RUNNING) {
                unit.incumbent = SimUnit.Here.CLOSED;
            }
        }
    }

    /** Freezing and reporting are two steps: the upgrade may end in between. */
    private void capture(List<SimUnit> from) {
        int count = 1 + random.nextInt(Math.min(3, from.size()));
        List<Long> ids = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            SimUnit unit = from.remove(random.nextInt(from.size()));
            unit.incumbent = SimUnit.Here.FROZEN;
            ids.add(unit.id);
        }
        unreported++;
        later("captured " + ids, () -> {
            unreported--;
            on(new IncumbentEvent.UnitsCaptured(ids));
        });
    }

    @Override
    void send(Message message) {
        write(message, () -> {
            if (message instanceof Message.Cutover) {
                on(new IncumbentEvent.CutoverWritten());
            }
        });
    }

    private void perform(IncumbentAction action) {
        if (action instanceof CommonAction common) {
            common(common);
        } else if (action instanceof IncumbentAction.SendWelcome welcome) {
            send(new Message.Welcome(welcome.version(), 1, 1, 1, NO_DESCRIPTOR));
        } else if (action instanceof IncumbentAction.SendListenersAndState) {
            sendState();
        } else if (action instanceof IncumbentAction.StopAccepting) {
            accepting = false;
            later("stopped", () -> finishOrFail(new IncumbentEvent.AcceptingStopped()));
        } else if (action instanceof IncumbentAction.SendFinalState) {
            section("rooms", true);
            later("final state", () -> finishOrFail(new IncumbentEvent.FinalStateSent()));
        } else if (action instanceof IncumbentAction.MoveConnections
                || action instanceof IncumbentAction.StopConnections) {
            moving = true;
        } else {
            settle(action);
        }
    }

    private void settle(IncumbentAction action) {
        if (action instanceof IncumbentAction.SendUnits units) {
            sendUnits(units.ids());
        } else if (action instanceof IncumbentAction.ReleaseUnits units) {
            units.ids().forEach(id -> world.released(world.unit(id)));
        } else if (action instanceof IncumbentAction.ResumeUnits units) {
            units.ids().forEach(id -> world.resumed(world.unit(id)));
        } else if (action instanceof IncumbentAction.Revoke) {
            revoke();
        } else if (action instanceof IncumbentAction.LetGo) {
            letGo = true;
            moving = false;
            world.socket.lifelineClosed = true;
        } else if (action instanceof IncumbentAction.ResumeAccepting) {
            accepting = true;
        } else if (action instanceof IncumbentAction.RoleHandedOver) {
            retired = true;
        } else if (action instanceof IncumbentAction.End last) {
            outcome = last.outcome();
            moving = false;
        }
    }

    private void sendState() {
        send(new Message.Listeners(List.of()));
        section("early", false);
        later(
                "state",
                () -> finishOrFail(new IncumbentEvent.StateSent(new Message.Offer(
                        world.units.size(), world.together, List.of(new SectionInfo("rooms", 1, true))))));
    }

    private void section(String name, boolean last) {
        send(new Message.StateBegin(name, 1, last, true));
        send(new Message.StateChunk(Unpooled.wrappedBuffer(new byte[5])));
        send(new Message.StateEnd(5, 0));
    }

    private void finishOrFail(IncumbentEvent event) {
        on(world.isUnlucky() ? new IncumbentEvent.LocalFailure("step", "unlucky") : event);
    }

    private void sendUnits(List<Long> ids) {
        List<ConnectionUnit> units = new ArrayList<>();
        for (Long id : ids) {
            units.add(Simulation.connection(id));
        }
        send(new Message.Connections(units));
    }

    /** Each line is a step of its own: death may come in between. */
    private void revoke() {
        moving = false;
        outbox.clear();
        todo.addFirst(new Step("I: shutdown", () -> {
            end.shut = true;
            revoking = true;
            endReported = false;
        }));
        todo.addFirst(new Step("I: life-line byte", () -> world.socket.lifelineByte = true));
    }
}
