package io.fdnetty.internal.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.channel.Lifeline;

/** What must be true when nothing can happen any more. */
final class SimulationEnd {
    private SimulationEnd() {}

    static void check(Simulation world) {
        SimIncumbent incumbent = world.incumbent;
        SimSuccessor successor = world.successor;
        if (!incumbent.dead) {
            assertThat(incumbent.isEnded())
                    .as("the incumbent ends: %s", incumbent.machine.phase())
                    .isTrue();
            assertThat(incumbent.machine.unsettled()).isZero();
        }
        if (!successor.dead) {
            assertThat(successor.isEnded())
                    .as("the successor ends: %s", successor.machine.phase())
                    .isTrue();
            assertThat(successor.machine.unsettled()).isZero();
        }
        world.units.forEach(unit -> owner(world, unit));
        if (world.together && !incumbent.isGone()) {
            allOrNone(world);
        }
        acceptor(world);
    }

    private static void allOrNone(Simulation world) {
        boolean handedOver = world.incumbent.outcome instanceof IncumbentOutcome.HandedOver;
        for (SimUnit unit : world.incumbent.movers) {
            SimUnit.Here here = handedOver ? SimUnit.Here.RELEASED : SimUnit.Here.RUNNING;
            assertThat(unit.incumbent).as("all or none: %s", unit).isEqualTo(here);
            assertThat(unit.started && !handedOver).as("all or none: %s", unit).isFalse();
        }
    }

    private static void owner(Simulation world, SimUnit unit) {
        if (!world.incumbent.dead) {
            ownerWhileTheIncumbentLives(world, unit);
        }
        if (!world.incumbent.isGone()) {
            return;
        }
        if (!world.successor.dead) {
            ownerAfterTheIncumbentsEnd(world, unit);
        }
    }

    private static void ownerWhileTheIncumbentLives(Simulation world, SimUnit unit) {
        boolean handedOver = world.incumbent.outcome instanceof IncumbentOutcome.HandedOver;
        if (unit.incumbent == SimUnit.Here.CLOSED) {
            assertThat(handedOver).as("only a drain says farewell").isTrue();
        } else if (unit.incumbent == SimUnit.Here.RELEASED) {
            assertThat(world.successor.dead || unit.successor == SimUnit.There.RUNNING || !unit.acknowledged)
                    .as("no owner: %s", unit)
                    .isTrue();
        } else {
            assertThat(unit.incumbent).as("no owner: %s", unit).isEqualTo(SimUnit.Here.RUNNING);
        }
    }

    private static void ownerAfterTheIncumbentsEnd(Simulation world, SimUnit unit) {
        assertThat(unit.successor).as("%s", unit).isNotIn(SimUnit.There.RECEIVED, SimUnit.There.HELD);
        if (unit.acknowledged) {
            assertThat(unit.successor).as("acknowledged: %s", unit).isEqualTo(SimUnit.There.RUNNING);
        }
        if (unit.delivered && world.successor.word == Lifeline.Word.DEAD && !world.successor.gaveUp) {
            assertThat(unit.successor)
                    .as("arrived whole, the incumbent died: %s", unit)
                    .isIn(SimUnit.There.RUNNING, SimUnit.There.REJECTED);
        }
        if (unit.successor == SimUnit.There.ABANDONED && !world.socket.lifelineByte && !world.successor.refused()) {
            assertThat(world.successor.word)
                    .as("abandoned to a dead incumbent: %s", unit)
                    .isEqualTo(Lifeline.Word.SILENT);
        }
    }

    private static void acceptor(Simulation world) {
        SimIncumbent incumbent = world.incumbent;
        SimSuccessor successor = world.successor;
        boolean here = incumbent.accepting && !incumbent.retired;
        if (incumbent.letGo) {
            assertThat(here).as("it lets go of its listeners").isFalse();
        }
        if (!incumbent.isGone() && !successor.dead) {
            assertThat(here).as("exactly one accepts in the end").isNotEqualTo(successor.accepting);
        } else if (!incumbent.dead) {
            boolean handedOver = incumbent.outcome instanceof IncumbentOutcome.HandedOver;
            assertThat(here).as("the incumbent accepts unless it handed over").isNotEqualTo(handedOver);
        } else if (!successor.dead) {
            successorLeft(world);
        }
        if (!successor.dead) {
            assertThat(successor.accepting).as("who accepts is the server").isEqualTo(successor.server);
        }
    }

    /** It serves, unless the incumbent took the role back, or it had stepped back itself while the incumbent lived. */
    private static void successorLeft(Simulation world) {
        SimSuccessor successor = world.successor;
        boolean tookBack = successor.word == Lifeline.Word.TAKEN_BACK || successor.word == Lifeline.Word.SILENT;
        boolean may = tookBack || successor.authorFailed || !successor.listeners;
        if (!may) {
            assertThat(successor.accepting)
                    .as("the successor serves alone: %s", successor.outcome)
                    .isTrue();
        }
    }
}
