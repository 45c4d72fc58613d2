package io.fdnetty.internal.machine;

import io.fdnetty.channel.Lifeline;
import io.fdnetty.internal.machine.ModelComparison.Machine;
import io.fdnetty.internal.machine.ModelComparison.Occurrence;
import io.fdnetty.internal.protocol.Message;
import io.fdnetty.internal.protocol.RefusalCode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;

/** Both machines in the model's words: their phases, and what may happen to them. */
final class ModelSides {
    private static final Set<Long> ALL = Set.of(1L, 2L);
    private static final List<Set<Long>> BATCHES = List.of(Set.of(1L), Set.of(2L), ALL);
    private static final Message.Hello HELLO = new Message.Hello(1, 1, "model", "2", 7, 253, 1 << 20);

    private ModelSides() {}

    static Machine<IncumbentEvent> incumbent(boolean together) {
        IncumbentMachine machine =
                new IncumbentMachine(new IncumbentTerms(1, 1, "model", together), (from, to, why) -> {});
        return new Machine<>() {
            @Override
            public List<?> on(IncumbentEvent event) {
                return machine.on(event);
            }

            @Override
            public ModelState.Place place() {
                Set<String> flags = machine.isLeaving() ? Set.of("leaving") : Set.of();
                return new ModelState.Place(name(machine.phase()), "", flags);
            }

            @Override
            public int unsettled() {
                return machine.unsettled();
            }
        };
    }

    static Machine<SuccessorEvent> successor() {
        SuccessorMachine machine = new SuccessorMachine(HELLO, (from, to, why) -> {});
        return new Machine<>() {
            @Override
            public List<?> on(SuccessorEvent event) {
                return machine.on(event);
            }

            @Override
            public ModelState.Place place() {
                return ModelSides.place(machine.phase());
            }

            @Override
            public int unsettled() {
                return machine.unsettled();
            }
        };
    }

    // ---- phases

    private static String name(IncumbentPhase phase) {
        if (phase instanceof IncumbentPhase.CuttingOver cutting) {
            return cutting.completed() ? "CuttingOver_completed" : "CuttingOver";
        } else if (phase instanceof IncumbentPhase.Draining draining) {
            return draining.finished() ? "Draining" : "Draining_unfinished";
        } else if (phase instanceof IncumbentPhase.Revoking revoking) {
            return "Revoking_" + revoking.accepting();
        } else if (phase instanceof IncumbentPhase.Ended ended) {
            return "Ended_" + ended.outcome().getClass().getSimpleName();
        }
        return phase.label();
    }

    private static ModelState.Place place(SuccessorPhase phase) {
        if (phase instanceof SuccessorPhase.ReadingOut reading) {
            Set<String> flags = new LinkedHashSet<>();
            flag(reading.completing(), "completing", flags);
            flag(reading.peerEnded(), "peerEnded", flags);
            flag(reading.faulty(), "faulty", flags);
            flag(reading.shut(), "shut", flags);
            return new ModelState.Place("ReadingOut", name(reading.live()), flags);
        } else if (phase instanceof SuccessorPhase.AwaitLifeline waiting) {
            return new ModelState.Place("AwaitLifeline", name(waiting.live()), Set.of());
        }
        return ModelState.Place.of(name(phase));
    }

    private static void flag(boolean set, String name, Set<String> flags) {
        if (set) {
            flags.add(name);
        }
    }

    private static String name(SuccessorPhase phase) {
        if (phase instanceof SuccessorPhase.ReceivingState receiving) {
            return receiving.listeners() ? "ReceivingState" : "ReceivingState_bare";
        } else if (phase instanceof SuccessorPhase.Receiving receiving) {
            return receiving.accepting() ? "Receiving" : "Receiving_quiet";
        } else if (phase instanceof SuccessorPhase.Completing completing) {
            return completing.accepting() ? "Completing" : "Completing_quiet";
        } else if (phase instanceof SuccessorPhase.Alone alone) {
            return alone.ready() ? "Alone_" + alone.outcome().getClass().getSimpleName() : "Alone_unready";
        } else if (phase instanceof SuccessorPhase.Ended ended) {
            return ended.outcome() instanceof SuccessorOutcome.Unanswered
                    ? "Ended_GaveUp" // the model does not tell them apart
                    : "Ended_" + ended.outcome().getClass().getSimpleName();
        }
        return phase.label();
    }

    // ---- what may happen

    static List<Occurrence<IncumbentEvent>> ofIncumbent(ModelState state) {
        List<Occurrence<IncumbentEvent>> all = new ArrayList<>();
        BiConsumer<String, IncumbentEvent> event = (name, value) -> all.add(new Occurrence<>(name, Set.of(), value));
        common(state, event::accept);
        messagesToBoth(event::accept);
        event.accept("HELLO", new CommonEvent.Received(HELLO));
        event.accept("HELLO_unacceptable", hello(2, "model"));
        event.accept("HELLO_unacceptable", hello(1, "mail"));
        event.accept("READY", new CommonEvent.Received(new Message.Ready()));
        event.accept("FAILED", new CommonEvent.Received(new Message.Failed("why")));
        event.accept("COMPLETE", new CommonEvent.Received(new Message.Complete()));
        event.accept("StateSent", new IncumbentEvent.StateSent(offer(state)));
        event.accept("AcceptingStopped", new IncumbentEvent.AcceptingStopped());
        event.accept("ConnectionsStopped", new IncumbentEvent.ConnectionsStopped(1, 1));
        event.accept("FinalStateSent", new IncumbentEvent.FinalStateSent());
        event.accept("CutoverWritten", new IncumbentEvent.CutoverWritten());
        event.accept("FirstPassDone", new IncumbentEvent.FirstPassDone(1, 1, 1));
        event.accept("Drained", new IncumbentEvent.Drained());
        event.accept("LocalFailure", new IncumbentEvent.LocalFailure("step", "why"));
        event.accept("Cancel", new IncumbentEvent.Cancel("why"));
        event.accept("StopRequested", new IncumbentEvent.StopRequested("why"));
        event.accept("QueueReadToEnd", new IncumbentEvent.QueueReadToEnd());
        incumbentUnits(state, all);
        return all;
    }

    private static Message.Offer offer(ModelState state) {
        return new Message.Offer(2, state.together(), List.of());
    }

    private static CommonEvent hello(int version, String application) {
        return new CommonEvent.Received(new Message.Hello(version, version, application, "2", 7, 253, 1 << 20));
    }

    private static void incumbentUnits(ModelState state, List<Occurrence<IncumbentEvent>> all) {
        Set<Long> doubt = state.units("doubt");
        for (Set<Long> ids : BATCHES) {
            List<Long> list = ids.stream().sorted().toList();
            if (doubt.containsAll(ids)) {
                all.add(new Occurrence<>("ADOPTED", ids, new CommonEvent.Received(new Message.Adopted(list))));
                if (ids.size() == 1) {
                    all.add(new Occurrence<>(
                            "REJECTED", ids, new CommonEvent.Received(new Message.Rejected(list.get(0), "why"))));
                }
            } else if (ids.stream().noneMatch(state.units()::containsKey)) {
                all.add(new Occurrence<>("UnitsCaptured", ids, new IncumbentEvent.UnitsCaptured(list)));
            }
        }
    }

    static List<Occurrence<SuccessorEvent>> ofSuccessor(ModelState state) {
        List<Occurrence<SuccessorEvent>> all = new ArrayList<>();
        BiConsumer<String, SuccessorEvent> event = (name, value) -> all.add(new Occurrence<>(name, Set.of(), value));
        common(state, event::accept);
        messagesToBoth(event::accept);
        Message.Welcome welcome = new Message.Welcome(1, 1, 1, 1, SimIncumbent.NO_DESCRIPTOR);
        event.accept("WELCOME", new CommonEvent.Received(welcome));
        event.accept("REFUSED", new CommonEvent.Received(new Message.Refused(RefusalCode.BUSY, "why")));
        event.accept("LISTENERS", new CommonEvent.Received(new Message.Listeners(List.of())));
        event.accept("OFFER", new CommonEvent.Received(offer(state)));
        event.accept("CUTOVER", new CommonEvent.Received(new Message.Cutover()));
        event.accept(
                "FINISHED",
                new CommonEvent.Received(new Message.Finished(state.units().size(), 1, 1)));
        event.accept("Unreadable", new SuccessorEvent.Unreadable("why"));
        event.accept("AuthorReady", new SuccessorEvent.AuthorReady());
        event.accept("AuthorFailed", new SuccessorEvent.AuthorFailed("why"));
        event.accept("SectionRejected", new SuccessorEvent.SectionRejected("rooms", "why"));
        event.accept("WriteFailed", new SuccessorEvent.WriteFailed("why"));
        event.accept("CompleteWritten", new SuccessorEvent.CompleteWritten());
        for (Lifeline.Word word : Lifeline.Word.values()) {
            event.accept("LifelineSaid_" + word, new SuccessorEvent.LifelineSaid(word));
        }
        successorUnits(state, all);
        return all;
    }

    private static void successorUnits(ModelState state, List<Occurrence<SuccessorEvent>> all) {
        for (Set<Long> ids : BATCHES) {
            List<Long> list = ids.stream().sorted().toList();
            if (ids.stream().noneMatch(state.units()::containsKey)) {
                Message.Connections arriving = new Message.Connections(
                        list.stream().map(Simulation::connection).toList());
                all.add(new Occurrence<>("CONNECTIONS", ids, new CommonEvent.Received(arriving)));
            }
            if (state.units("adopting").containsAll(ids)) {
                all.add(new Occurrence<>("UnitsAdopted", ids, new SuccessorEvent.UnitsAdopted(list)));
                if (ids.size() == 1) {
                    all.add(new Occurrence<>("UnitRejected", ids, new SuccessorEvent.UnitRejected(list.get(0), "why")));
                }
            }
            if (state.units("sending").containsAll(ids)) {
                all.add(new Occurrence<>("AdoptedWritten", ids, new SuccessorEvent.AdoptedWritten(list)));
            }
        }
    }

    private static void common(ModelState state, BiConsumer<String, CommonEvent> event) {
        event.accept("Connected", new CommonEvent.Connected());
        event.accept("PeerEnded", new CommonEvent.PeerEnded("gone"));
        if (!state.deadline().equals(ModelState.NONE)) {
            event.accept(
                    "deadline_" + state.deadline(),
                    new CommonEvent.DeadlineReached(Deadline.valueOf(state.deadline())));
        }
    }

    private static void messagesToBoth(BiConsumer<String, CommonEvent> event) {
        event.accept("ABORT", new CommonEvent.Received(new Message.Abort("why")));
    }
}
