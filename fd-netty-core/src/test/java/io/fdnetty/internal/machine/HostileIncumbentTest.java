package io.fdnetty.internal.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.internal.protocol.Message;
import io.fdnetty.internal.protocol.MessageLimits;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/**
 * What an incumbent of the right user may try in order to keep a successor waiting for ever: progress must be progress.
 */
class HostileIncumbentTest {
    @Test
    void anEmptyChunkDoesNotRestartTheDeadline() {
        SuccessorMachine machine = receivingState();
        machine.on(begin("rooms"));

        assertGivesUp(machine.on(MachineTables.received(new Message.StateChunk(Unpooled.EMPTY_BUFFER))));
    }

    @Test
    void aSectionThatComesAgainAndAgainDoesNotRestartTheDeadline() {
        SuccessorMachine machine = receivingState();
        machine.on(begin("rooms"));
        machine.on(MachineTables.received(new Message.StateEnd(0, 0)));

        assertGivesUp(machine.on(begin("rooms")));
    }

    @Test
    void thereIsAnEndOfSections() {
        SuccessorMachine machine = receivingState();
        for (int i = 0; i < MessageLimits.SECTIONS; i++) {
            machine.on(begin("rooms " + i));
            machine.on(MachineTables.received(new Message.StateEnd(0, 0)));
        }

        assertGivesUp(machine.on(begin("one more")));
    }

    @Test
    void connectionsWithoutUnitsDoNotRestartTheDeadline() {
        SuccessorMachine machine = receivingState();
        machine.on(MachineTables.received(new Message.Offer(1, false, List.of())));
        machine.on(new SuccessorEvent.AuthorReady());
        machine.on(MachineTables.received(new Message.Cutover()));

        List<SuccessorAction> actions = machine.on(MachineTables.received(new Message.Connections(List.of())));

        assertThat(actions)
                .anyMatch(SuccessorAction.ShutControl.class::isInstance)
                .noneMatch(restarts());
    }

    private static void assertGivesUp(List<SuccessorAction> actions) {
        assertThat(actions).anyMatch(SuccessorAction.GiveUp.class::isInstance).noneMatch(restarts());
    }

    private static Predicate<SuccessorAction> restarts() {
        return CommonAction.StartDeadline.class::isInstance;
    }

    private static SuccessorEvent begin(String section) {
        return MachineTables.received(new Message.StateBegin(section, 1, false, false));
    }

    private static SuccessorMachine receivingState() {
        SuccessorMachine machine = MachineTables.successor();
        machine.on(new CommonEvent.Connected());
        machine.on(MachineTables.received(MachineTables.welcome(1)));
        machine.on(MachineTables.received(new Message.Listeners(List.of())));
        return machine;
    }
}
