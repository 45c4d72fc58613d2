package io.fdnetty.internal.machine;

import io.fdnetty.channel.Lifeline;
import io.fdnetty.fd.Descriptor;
import io.fdnetty.internal.protocol.ConnectionUnit;
import io.fdnetty.internal.protocol.Message;
import io.fdnetty.internal.protocol.RefusalCode;
import io.fdnetty.internal.protocol.SectionInfo;
import io.netty.buffer.Unpooled;
import io.netty.channel.unix.FileDescriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** The ways into every phase of both machines, and every event. */
final class MachineTables {
    private static final Descriptor NO_DESCRIPTOR = Descriptor.borrow(new FileDescriptor(0), "none");
    private static final SectionInfo ROOMS = new SectionInfo("rooms", 1, true);
    private static final Message.Offer OFFER = new Message.Offer(3, false, List.of());
    private static final Message.Hello HELLO = new Message.Hello(1, 1, "chat", "2", 7, 253, 1 << 20);

    private MachineTables() {}

    static IncumbentMachine incumbent() {
        return new IncumbentMachine(new IncumbentTerms(1, 1, "chat", false), (from, to, why) -> {});
    }

    static IncumbentMachine incumbentTogether() {
        return new IncumbentMachine(new IncumbentTerms(1, 1, "chat", true), (from, to, why) -> {});
    }

    static SuccessorMachine successor() {
        return new SuccessorMachine(HELLO, (from, to, why) -> {});
    }

    static CommonEvent received(Message message) {
        return new CommonEvent.Received(message);
    }

    static Message.Connections units(long... ids) {
        List<ConnectionUnit> units = new ArrayList<>();
        for (long id : ids) {
            units.add(Simulation.connection(id));
        }
        return new Message.Connections(units);
    }

    // ---- the incumbent

    static String incumbentTable() {
        PhaseTable<IncumbentMachine, IncumbentEvent> table = new PhaseTable<>(
                new PhaseTable.Kind<>(MachineTables::incumbent, IncumbentMachine::on, IncumbentMachine::phase));
        incumbentPhases(table);
        return incumbentTable(table);
    }

    /** From the phase on where it differs. */
    static String incumbentTogetherTable() {
        PhaseTable<IncumbentMachine, IncumbentEvent> table = new PhaseTable<>(
                new PhaseTable.Kind<>(MachineTables::incumbentTogether, IncumbentMachine::on, IncumbentMachine::phase));
        incumbentTogetherPhases(table);
        return incumbentTable(table);
    }

    private static String incumbentTable(PhaseTable<IncumbentMachine, IncumbentEvent> table) {
        for (Message message : messages()) {
            table.event(title(message), () -> received(message));
        }
        table.event("HELLO without a common version", () -> received(hello(2, "chat")));
        table.event("HELLO of another application", () -> received(hello(1, "mail")));
        table.event("ADOPTED of a unit not in doubt", () -> received(new Message.Adopted(List.of(1L, 99L))));
        table.event("REJECTED of a unit not in doubt", () -> received(new Message.Rejected(99, "no")));
        incumbentEvents(table);
        for (Deadline wait : Deadline.values()) {
            table.event("deadline " + wait, () -> new CommonEvent.DeadlineReached(wait));
        }
        return table.render();
    }

    private static Message.Hello hello(int version, String application) {
        return new Message.Hello(version, version, application, "2", 7, 253, 1 << 20);
    }

    private static void incumbentPhases(PhaseTable<IncumbentMachine, IncumbentEvent> table) {
        IncumbentEvent connected = new CommonEvent.Connected();
        IncumbentEvent hello = received(HELLO);
        IncumbentEvent state = new IncumbentEvent.StateSent(OFFER);
        IncumbentEvent ready = received(new Message.Ready());
        IncumbentEvent stopped = new IncumbentEvent.AcceptingStopped();
        IncumbentEvent last = new IncumbentEvent.FinalStateSent();
        IncumbentEvent cut = new IncumbentEvent.CutoverWritten();
        IncumbentEvent captured = new IncumbentEvent.UnitsCaptured(List.of(1L, 2L));
        IncumbentEvent done = new IncumbentEvent.FirstPassDone(0, 0, 0);
        IncumbentEvent complete = received(new Message.Complete());
        IncumbentEvent gone = new CommonEvent.PeerEnded("gone");
        table.phase("Idle");
        table.phase("AwaitHello", connected);
        table.phase("SendingState", connected, hello);
        table.phase("AwaitReady", connected, hello, state);
        table.phase("StoppingAccept", connected, hello, state, ready);
        table.phase("SendingFinalState", connected, hello, state, ready, stopped);
        table.phase("CuttingOver", connected, hello, state, ready, stopped, last);
        table.phase("CuttingOver after COMPLETE", connected, hello, state, ready, stopped, last, complete);
        table.phase("Moving", connected, hello, state, ready, stopped, last, cut);
        table.phase("Moving, units 1 and 2 in doubt", connected, hello, state, ready, stopped, last, cut, captured);
        table.phase("AwaitComplete", connected, hello, state, ready, stopped, last, cut, done);
        table.phase(
                "AwaitComplete, units 1 and 2 in doubt",
                connected,
                hello,
                state,
                ready,
                stopped,
                last,
                cut,
                done,
                captured);
        table.phase("Draining before FINISHED", connected, hello, state, ready, stopped, last, cut, complete);
        table.phase("Draining", connected, hello, state, ready, stopped, last, cut, done, complete);
        table.phase(
                "Draining, units 1 and 2 in doubt",
                connected,
                hello,
                state,
                ready,
                stopped,
                last,
                cut,
                done,
                complete,
                captured);
        table.phase("Revoking before CUTOVER", connected, hello, state, ready, gone);
        table.phase(
                "Revoking after CUTOVER, units 1 and 2 in doubt",
                connected,
                hello,
                state,
                ready,
                stopped,
                last,
                cut,
                captured,
                gone);
        table.phase(
                "Revoking after COMPLETE, units 1 and 2 in doubt",
                connected,
                hello,
                state,
                ready,
                stopped,
                last,
                cut,
                complete,
                captured,
                gone);
        table.phase("Ended", connected, gone);
        stoppedPhases(table, List.of(connected, hello, state, ready, stopped, last, cut), captured);
    }

    /** After the operator has stopped the incumbent. */
    private static void stoppedPhases(
            PhaseTable<IncumbentMachine, IncumbentEvent> table, List<IncumbentEvent> way, IncumbentEvent captured) {
        IncumbentEvent stop = new IncumbentEvent.StopRequested("stopped");
        IncumbentEvent complete = received(new Message.Complete());
        String[] names = {"SendingState", "AwaitReady", "StoppingAccept", "SendingFinalState", "CuttingOver", "Moving"};
        for (int i = 0; i < names.length; i++) {
            step(table, names[i] + ", the incumbent was stopped", way.subList(0, i + 2), stop);
        }
        List<IncumbentEvent> passed = new ArrayList<>(way);
        passed.add(new IncumbentEvent.FirstPassDone(0, 0, 0));
        step(table, "AwaitComplete, the incumbent was stopped", passed, stop);
        step(table, "AwaitComplete, the incumbent was stopped, units 1 and 2 in doubt", passed, captured, stop);
        step(table, "Draining before FINISHED, the incumbent was stopped", way, complete, stop);
        step(table, "Draining, the incumbent was stopped, units 1 and 2 in doubt", passed, complete, captured, stop);
    }

    private static void incumbentTogetherPhases(PhaseTable<IncumbentMachine, IncumbentEvent> table) {
        Message.Offer offer = new Message.Offer(3, true, List.of());
        IncumbentEvent gone = new CommonEvent.PeerEnded("gone");
        List<IncumbentEvent> way = new ArrayList<>(List.of(
                new CommonEvent.Connected(),
                received(HELLO),
                new IncumbentEvent.StateSent(offer),
                received(new Message.Ready())));
        step(table, "StoppingAccept, together", way);
        IncumbentEvent stop = new IncumbentEvent.StopRequested("stopped");
        step(table, "StoppingAccept, together, the incumbent was stopped", way, stop);
        way.add(new IncumbentEvent.AcceptingStopped());
        way.add(new IncumbentEvent.UnitsCaptured(List.of(1L, 2L)));
        step(table, "StoppingConnections, units 1 and 2 stand still", way);
        step(table, "StoppingConnections, the incumbent was stopped, units 1 and 2 stand still", way, stop);
        step(table, "Revoking from StoppingConnections, units 1 and 2 stand still", way, gone);
        way.add(new IncumbentEvent.ConnectionsStopped(1, 0));
        step(table, "SendingFinalState, together", way);
        way.add(new IncumbentEvent.FinalStateSent());
        step(table, "CuttingOver, together", way);
        way.add(new IncumbentEvent.CutoverWritten());
        step(table, "AwaitComplete, together, units 1 and 2 in doubt", way);
        step(table, "AwaitComplete, together, the incumbent was stopped, units 1 and 2 in doubt", way, stop);
        step(table, "Revoking from AwaitComplete, together, units 1 and 2 in doubt", way, gone);
        way.add(received(new Message.Complete()));
        step(table, "Draining, together", way);
    }

    private static void step(
            PhaseTable<IncumbentMachine, IncumbentEvent> table,
            String name,
            List<IncumbentEvent> way,
            IncumbentEvent... more) {
        List<IncumbentEvent> all = new ArrayList<>(way);
        all.addAll(List.of(more));
        table.phase(name, all.toArray(IncumbentEvent[]::new));
    }

    private static void incumbentEvents(PhaseTable<IncumbentMachine, IncumbentEvent> table) {
        table.event("Connected", CommonEvent.Connected::new);
        table.event("StateSent", () -> new IncumbentEvent.StateSent(OFFER));
        table.event("AcceptingStopped", IncumbentEvent.AcceptingStopped::new);
        table.event("ConnectionsStopped", () -> new IncumbentEvent.ConnectionsStopped(1, 0));
        table.event("FinalStateSent", IncumbentEvent.FinalStateSent::new);
        table.event("CutoverWritten", IncumbentEvent.CutoverWritten::new);
        table.event("UnitsCaptured", () -> new IncumbentEvent.UnitsCaptured(List.of(7L)));
        table.event("UnitsCaptured of a unit in doubt", () -> new IncumbentEvent.UnitsCaptured(List.of(1L)));
        table.event("FirstPassDone", () -> new IncumbentEvent.FirstPassDone(1, 1, 1));
        table.event("Drained", IncumbentEvent.Drained::new);
        table.event("LocalFailure", () -> new IncumbentEvent.LocalFailure("step", "why"));
        table.event("Cancel", () -> new IncumbentEvent.Cancel("why"));
        table.event("StopRequested", () -> new IncumbentEvent.StopRequested("why"));
        table.event("PeerEnded", () -> new CommonEvent.PeerEnded("gone"));
        table.event("QueueReadToEnd", IncumbentEvent.QueueReadToEnd::new);
    }

    // ---- the successor

    static String successorTable() {
        PhaseTable<SuccessorMachine, SuccessorEvent> table = new PhaseTable<>(
                new PhaseTable.Kind<>(MachineTables::successor, SuccessorMachine::on, SuccessorMachine::phase));
        successorPhases(table);
        for (Message message : messages()) {
            table.event(title(message), () -> received(message));
        }
        table.event("WELCOME with a version not offered", () -> received(welcome(2)));
        table.event("STATE_BEGIN, final", () -> received(new Message.StateBegin("rooms", 1, true, true)));
        table.event("STATE_END with a wrong length", () -> received(new Message.StateEnd(6, 0)));
        table.event("CONNECTIONS with a unit that is here", () -> received(units(9, 1)));
        successorEvents(table);
        for (Deadline wait : Deadline.values()) {
            table.event("deadline " + wait, () -> new CommonEvent.DeadlineReached(wait));
        }
        return table.render();
    }

    static Message.Welcome welcome(int version) {
        return new Message.Welcome(version, 1, 1, 1, NO_DESCRIPTOR);
    }

    private static void successorPhases(PhaseTable<SuccessorMachine, SuccessorEvent> table) {
        List<SuccessorEvent> way = new ArrayList<>();
        table.phase("Idle");
        way.add(new CommonEvent.Connected());
        at(table, "AwaitWelcome", way);
        way.add(received(welcome(1)));
        at(table, "ReceivingState before LISTENERS", way);
        way.add(received(new Message.Listeners(List.of())));
        at(table, "ReceivingState", way);
        at(table, "ReceivingState in a section", way, received(new Message.StateBegin("early", 1, false, false)));
        way.add(received(new Message.Offer(3, false, List.of(ROOMS))));
        at(table, "Offered", way);
        way.add(new SuccessorEvent.AuthorReady());
        at(table, "AwaitCutover", way);
        SuccessorEvent begin = received(new Message.StateBegin("rooms", 1, true, true));
        at(table, "AwaitCutover in a section", way, begin);
        way.add(begin);
        way.add(received(new Message.StateEnd(0, 0)));
        at(table, "AwaitCutover, the final state is here", way);
        way.add(received(new Message.Cutover()));
        at(table, "Receiving", way);
        afterCutover(table, way);
        together(table);
        ending(table);
    }

    private static void afterCutover(PhaseTable<SuccessorMachine, SuccessorEvent> table, List<SuccessorEvent> way) {
        way.add(received(units(1, 2)));
        way.add(new SuccessorEvent.UnitsAdopted(List.of(2L)));
        at(table, "Receiving, unit 1 is being adopted, ADOPTED of 2 undecided", way);
        SuccessorEvent lost = new SuccessorEvent.WriteFailed("EPIPE");
        SuccessorEvent gone = new CommonEvent.PeerEnded("gone");
        SuccessorEvent dead = new SuccessorEvent.LifelineSaid(Lifeline.Word.DEAD);
        at(table, "ReadingOut from Receiving, ADOPTED of 2 failed", way, lost);
        at(table, "ReadingOut from Receiving, all is read, ADOPTED of 2 undecided", way, gone);
        at(table, "ReadingOut from Receiving after a protocol error", way, received(new Message.Ready()));
        at(table, "AwaitLifeline from Receiving", way, lost, gone);
        at(table, "Alone, unit 1 is being adopted", way, lost, gone, dead);
        way.add(received(new Message.Finished(0, 0, 0)));
        at(table, "Completing, unit 1 is being adopted, ADOPTED of 2 undecided", way);
        at(table, "ReadingOut from Completing, all is read, COMPLETE undecided", way, gone);
        way.add(new SuccessorEvent.AdoptedWritten(List.of(2L)));
        way.add(new SuccessorEvent.CompleteWritten());
        at(table, "Serving, unit 1 is being adopted", way);
        at(table, "AwaitLifeline from Serving, unit 1 is being adopted", way, gone);
        way.add(new SuccessorEvent.UnitsAdopted(List.of(1L)));
        at(table, "Serving, ADOPTED of 1 undecided", way);
        way.add(new SuccessorEvent.AdoptedWritten(List.of(1L)));
        at(table, "Serving", way);
        at(table, "Ended", way, gone);
    }

    private static void together(PhaseTable<SuccessorMachine, SuccessorEvent> table) {
        SuccessorEvent gone = new CommonEvent.PeerEnded("gone");
        List<SuccessorEvent> way = new ArrayList<>(List.of(
                new CommonEvent.Connected(),
                received(welcome(1)),
                received(new Message.Listeners(List.of())),
                received(new Message.Offer(3, true, List.of())),
                new SuccessorEvent.AuthorReady(),
                received(new Message.Cutover()),
                received(units(1, 2)),
                new SuccessorEvent.UnitsAdopted(List.of(2L))));
        at(table, "Receiving together, unit 1 is being adopted, unit 2 is held", way);
        at(table, "AwaitLifeline from Receiving together, unit 1 is being adopted, unit 2 is held", way, gone);
        way.add(received(new Message.Finished(2, 0, 0)));
        at(table, "Joining, unit 1 is being adopted, unit 2 is held", way);
        way.add(new SuccessorEvent.UnitsAdopted(List.of(1L)));
        at(table, "Completing together", way);
        at(table, "ReadingOut from Completing together, all is read, COMPLETE undecided", way, gone);
        SuccessorEvent failed = new SuccessorEvent.WriteFailed("EPIPE");
        at(table, "AwaitLifeline from Completing together", way, failed, gone);
        way.add(new SuccessorEvent.CompleteWritten());
        at(table, "Serving, together", way);
    }

    private static void ending(PhaseTable<SuccessorMachine, SuccessorEvent> table) {
        List<SuccessorEvent> way = new ArrayList<>(List.of(new CommonEvent.Connected(), received(welcome(1))));
        SuccessorEvent gone = new CommonEvent.PeerEnded("gone");
        at(table, "AwaitLifeline before LISTENERS", way, gone);
        way.add(received(new Message.Listeners(List.of())));
        way.add(received(OFFER));
        at(table, "ReadingOut from Offered", way, received(new Message.Abort("why")));
        at(table, "AwaitLifeline from Offered", way, gone);
        at(table, "Alone, the author is not ready", way, gone, new SuccessorEvent.LifelineSaid(Lifeline.Word.DEAD));
        way.add(new SuccessorEvent.AuthorReady());
        at(table, "ReadingOut from AwaitCutover", way, received(new Message.Abort("why")));
        at(table, "AwaitLifeline from AwaitCutover", way, gone);
    }

    private static void at(
            PhaseTable<SuccessorMachine, SuccessorEvent> table,
            String name,
            List<SuccessorEvent> way,
            SuccessorEvent... more) {
        List<SuccessorEvent> all = new ArrayList<>(way);
        all.addAll(List.of(more));
        table.phase(name, all.toArray(SuccessorEvent[]::new));
    }

    private static void successorEvents(PhaseTable<SuccessorMachine, SuccessorEvent> table) {
        table.event("Connected", CommonEvent.Connected::new);
        table.event("Unreadable", () -> new SuccessorEvent.Unreadable("why"));
        table.event("AuthorReady", SuccessorEvent.AuthorReady::new);
        table.event("AuthorFailed", () -> new SuccessorEvent.AuthorFailed("why"));
        table.event("SectionRejected", () -> new SuccessorEvent.SectionRejected("rooms", "why"));
        table.event("UnitsAdopted", () -> new SuccessorEvent.UnitsAdopted(List.of(1L)));
        table.event("UnitRejected", () -> new SuccessorEvent.UnitRejected(1, "why"));
        table.event("AdoptedWritten of 1", () -> new SuccessorEvent.AdoptedWritten(List.of(1L)));
        table.event("AdoptedWritten of 2", () -> new SuccessorEvent.AdoptedWritten(List.of(2L)));
        table.event("CompleteWritten", SuccessorEvent.CompleteWritten::new);
        table.event("WriteFailed", () -> new SuccessorEvent.WriteFailed("EPIPE"));
        table.event("PeerEnded", () -> new CommonEvent.PeerEnded("gone"));
        for (Lifeline.Word word : Lifeline.Word.values()) {
            table.event("LifelineSaid " + word, () -> new SuccessorEvent.LifelineSaid(word));
        }
    }

    // ---- both

    private static String title(Message message) {
        return message.label();
    }

    private static List<Message> messages() {
        List<Supplier<Message>> all = List.of(
                () -> HELLO,
                () -> welcome(1),
                () -> new Message.Refused(RefusalCode.BUSY, "why"),
                () -> new Message.Listeners(List.of()),
                () -> new Message.StateBegin("early", 1, false, false),
                () -> new Message.StateChunk(Unpooled.wrappedBuffer(new byte[1])),
                () -> new Message.StateEnd(0, 0),
                () -> OFFER,
                Message.Ready::new,
                () -> new Message.Failed("why"),
                Message.Cutover::new,
                () -> units(7),
                () -> new Message.Adopted(List.of(1L)),
                () -> new Message.Rejected(1, "why"),
                () -> new Message.Finished(1, 1, 1),
                Message.Complete::new,
                () -> new Message.Abort("why"));
        return all.stream().map(Supplier::get).toList();
    }
}
