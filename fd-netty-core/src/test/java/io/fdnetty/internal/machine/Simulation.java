package io.fdnetty.internal.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.internal.protocol.ConnectionPart;
import io.fdnetty.internal.protocol.ConnectionUnit;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** One run of both machines against each other, decided by its seed alone. */
final class Simulation {
    private static final int MOST_STEPS = 20_000;

    final Random random;
    final SimSocket socket = new SimSocket();
    final boolean together;
    final List<SimUnit> units = new ArrayList<>();
    final SimIncumbent incumbent;
    final SimSuccessor successor;
    private final List<String> log = new ArrayList<>();
    private final int deadlineEvery;
    private final int unluckyEvery;
    private final int faultEvery;
    private int faultsLeft;

    Simulation(long seed) {
        random = new Random(seed);
        random.nextInt();
        together = random.nextBoolean();
        int count = random.nextInt(7);
        for (int id = 1; id <= count; id++) {
            units.add(new SimUnit(id));
        }
        socket.capacity = 1 + random.nextInt(12);
        faultsLeft = random.nextInt(4);
        faultEvery = 20 + random.nextInt(120);
        deadlineEvery = random.nextInt(3) == 0 ? 40 : 100_000;
        unluckyEvery = random.nextInt(3) == 0 ? 6 : 100_000;
        incumbent = new SimIncumbent(this);
        successor = new SimSuccessor(this);
    }

    static ConnectionUnit connection(long id) {
        ConnectionPart part = new ConnectionPart(
                "accepted",
                "tcp",
                SimIncumbent.NO_DESCRIPTOR,
                0,
                Unpooled.EMPTY_BUFFER,
                Unpooled.EMPTY_BUFFER,
                List.of());
        return new ConnectionUnit(id, "echo", 1, 0, List.of(part));
    }

    SimUnit unit(long id) {
        return units.get((int) id - 1);
    }

    void log(String line) {
        log.add(line);
    }

    List<String> log() {
        return log;
    }

    boolean isUnlucky() {
        return random.nextInt(unluckyEvery) == 0;
    }

    /** Runs until nothing can happen any more, and checks what is left. */
    void run() {
        incumbent.on(new CommonEvent.Connected());
        successor.on(new CommonEvent.Connected());
        for (int step = 0; next(); step++) {
            assertThat(step).as("it ends").isLessThan(MOST_STEPS);
            units.forEach(this::assertAtMostOneOwner);
            assertOneAnswerForAll();
        }
        SimulationEnd.check(this);
    }

    private boolean next() {
        if (faultsLeft > 0 && random.nextInt(faultEvery) == 0) {
            faultsLeft--;
            fault();
        }
        List<SimProcess.Step> steps = new ArrayList<>(incumbent.steps());
        steps.addAll(successor.steps());
        boolean quiet = steps.isEmpty();
        if (incumbent.dead && !socket.lifelineClosed) {
            steps.add(new SimProcess.Step("the kernel closes the life-line", () -> socket.lifelineClosed = true));
        }
        if (quiet || random.nextInt(deadlineEvery) == 0) {
            incumbent.patience(steps);
            successor.patience(steps);
        }
        if (steps.isEmpty()) {
            return false;
        }
        SimProcess.Step step = steps.get(random.nextInt(steps.size()));
        log("step " + step.name());
        step.run().run();
        return true;
    }

    private void fault() {
        SimProcess victim = random.nextBoolean() ? incumbent : successor;
        switch (random.nextInt(4)) {
            case 0 -> kill(victim);
            case 1 -> breakOutput(victim);
            default -> {
                log("FAULT " + victim.name() + " hangs");
                victim.hung = true;
            }
        }
    }

    private void kill(SimProcess victim) {
        log("FAULT " + victim.name() + " dies");
        victim.dead = true;
        socket.peerOf(victim.end).torn = !victim.outbox.isEmpty() && random.nextBoolean();
        victim.outbox.clear();
        socket.close(victim.end);
    }

    private void breakOutput(SimProcess victim) {
        log("FAULT writes of " + victim.name() + " fail");
        victim.end.outputBroken = true;
    }

    // ---- what happens to a unit

    void released(SimUnit unit) {
        assertThat(unit.incumbent).as("%s is released", unit).isEqualTo(SimUnit.Here.FROZEN);
        assertThat(unit.acknowledged || incumbent.letGo)
                .as("%s was acknowledged", unit)
                .isTrue();
        unit.incumbent = SimUnit.Here.RELEASED;
    }

    void resumed(SimUnit unit) {
        assertThat(unit.incumbent).as("%s is resumed", unit).isEqualTo(SimUnit.Here.FROZEN);
        assertThat(unit.started).as("%s was served by the successor", unit).isFalse();
        unit.resumed = true;
        unit.incumbent = SimUnit.Here.RUNNING;
    }

    void started(SimUnit unit) {
        assertThat(unit.successor).as("%s is started", unit).isEqualTo(SimUnit.There.HELD);
        assertThat(unit.resumed).as("%s was resumed by the incumbent", unit).isFalse();
        assertThat(unit.acknowledged || incumbent.isGone())
                .as("%s is started and its owner does not know", unit)
                .isTrue();
        unit.started = true;
        unit.successor = SimUnit.There.RUNNING;
    }

    void abandoned(SimUnit unit) {
        assertThat(unit.successor).as("%s is abandoned", unit).isEqualTo(SimUnit.There.HELD);
        assertThat(unit.acknowledged).as("%s was acknowledged", unit).isFalse();
        unit.successor = SimUnit.There.ABANDONED;
    }

    /**
     * Together: nobody accepts or is started before the one answer is in the incumbent's queue, or the incumbent is
     * dead.
     */
    private void assertOneAnswerForAll() {
        if (together && successor.accepting && !incumbent.isGone()) {
            assertThat(successor.completed)
                    .as("accepts before COMPLETE is written")
                    .isTrue();
        }
    }

    private void assertAtMostOneOwner(SimUnit unit) {
        boolean here = !incumbent.dead && unit.incumbent == SimUnit.Here.RUNNING;
        boolean there = !successor.dead && unit.successor == SimUnit.There.RUNNING;
        assertThat(here && there).as("two owners: %s", unit).isFalse();
    }
}
