package io.fdnetty.internal.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.internal.protocol.Message;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** What a successor of the right user may try in order to keep the incumbent in an upgrade for ever. */
class HostileSuccessorTest {
    private static final Message NOTHING_ADOPTED = new Message.Adopted(List.of());

    @Test
    void anAdoptedWithoutUnitsDoesNotStopTheDeadlineBeforeReady() {
        IncumbentMachine machine = MachineTables.incumbent();
        machine.on(new CommonEvent.Connected());
        machine.on(MachineTables.received(new Message.Hello(1, 1, "chat", "2", 7, 253, 1 << 20)));
        machine.on(new IncumbentEvent.StateSent(new Message.Offer(3, false, List.of())));

        List<IncumbentAction> actions = machine.on(MachineTables.received(NOTHING_ADOPTED));

        assertThat(actions).anyMatch(revokes());
    }

    @Test
    void anAdoptedWithoutUnitsDoesNotRestartTheDeadlineOfUnitsInDoubt() {
        IncumbentMachine machine = moving();
        machine.on(new IncumbentEvent.UnitsCaptured(List.of(1L)));

        List<IncumbentAction> actions = machine.on(MachineTables.received(NOTHING_ADOPTED));

        assertThat(actions).anyMatch(revokes()).noneMatch(CommonAction.StartDeadline.class::isInstance);
    }

    private static Predicate<IncumbentAction> revokes() {
        return IncumbentAction.Revoke.class::isInstance;
    }

    private static IncumbentMachine moving() {
        IncumbentMachine machine = MachineTables.incumbent();
        machine.on(new CommonEvent.Connected());
        machine.on(MachineTables.received(new Message.Hello(1, 1, "chat", "2", 7, 253, 1 << 20)));
        machine.on(new IncumbentEvent.StateSent(new Message.Offer(3, false, List.of())));
        machine.on(MachineTables.received(new Message.Ready()));
        machine.on(new IncumbentEvent.AcceptingStopped());
        machine.on(new IncumbentEvent.FinalStateSent());
        machine.on(new IncumbentEvent.CutoverWritten());
        return machine;
    }
}
