package io.fdnetty.internal.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.internal.protocol.Message;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Walks a machine and its table in the model side by side, through every state that the model's events lead to, and
 * lets each event happen in each.
 *
 * @param <E> the machine's events
 */
final class ModelComparison<E> {
    /** The actions of the model that change nothing but the model's own state. */
    private static final Set<String> OF_THE_MODEL =
            Set.of("skip", "Stand", "Hold", "Drop", "WritesFail", "Settle", "Lose");

    /** Something that may happen in a state of the model. */
    record Occurrence<E>(String name, Set<Long> ids, E event) {}

    /** A machine of one kind. */
    interface Machine<E> {
        List<?> on(E event);

        ModelState.Place place();

        int unsettled();
    }

    private final ModelTable table;
    private final boolean together;
    private final Supplier<Machine<E>> fresh;
    private final Function<ModelState, List<Occurrence<E>>> occurrences;
    private final Map<ModelState, List<E>> ways = new HashMap<>();
    private final Deque<ModelState> todo = new ArrayDeque<>();

    ModelComparison(
            ModelTable table,
            boolean together,
            Supplier<Machine<E>> fresh,
            Function<ModelState, List<Occurrence<E>>> occurrences) {
        this.table = table;
        this.together = together;
        this.fresh = fresh;
        this.occurrences = occurrences;
    }

    /** Compares everything; returns the states that were reached. */
    Set<ModelState> walk() {
        reach(ModelState.first(together), List.of());
        for (ModelState state = todo.poll(); state != null; state = todo.poll()) {
            for (Occurrence<E> occurrence : occurrences.apply(state)) {
                compare(state, occurrence);
            }
        }
        return ways.keySet();
    }

    private void reach(ModelState state, List<E> way) {
        if (ways.putIfAbsent(state, way) == null) {
            todo.add(state);
        }
    }

    private void compare(ModelState state, Occurrence<E> occurrence) {
        List<E> way = ways.getOrDefault(state, List.of());
        Machine<E> machine = fresh.get();
        way.forEach(machine::on);
        assertThat(machine.place()).isEqualTo(state.place());
        ModelTable.Row row = table.find(
                state.place().phase(), occurrence.name(), condition -> state.is(condition, occurrence.ids()));
        String what = occurrence.name() + ' ' + occurrence.ids() + " in " + state;
        List<?> actions;
        try {
            actions = machine.on(occurrence.event());
        } catch (IllegalStateException e) {
            assertThat(row)
                    .as("the machine says that it cannot happen: %s", what)
                    .isNull();
            return;
        }
        if (row == null) {
            assertThat(isNothing(state, machine, actions) || isProtocolError(state, machine, actions))
                    .as(
                            "the model has no row for what the machine accepts: %s -> %s %s",
                            what, actions, machine.place())
                    .isTrue();
            return;
        }
        ModelState after = state.after(row, occurrence.ids());
        assertThat(names(actions)).as(what).isEqualTo(expected(row, state));
        assertThat(machine.place()).as(what).isEqualTo(after.place());
        assertThat(machine.unsettled()).as(what).isEqualTo(after.units().size());
        assertThat(waitAfter(state, occurrence, actions)).as(what).isEqualTo(after.deadline());
        List<E> longer = new ArrayList<>(way);
        longer.add(occurrence.event());
        reach(after, longer);
    }

    private static boolean isNothing(ModelState state, Machine<?> machine, List<?> actions) {
        return names(actions).isEmpty() && machine.place().equals(state.place());
    }

    private static boolean isProtocolError(ModelState state, Machine<?> machine, List<?> actions) {
        boolean told = actions.stream()
                .anyMatch(action -> action instanceof CommonAction.Send send
                        && send.message() instanceof Message.Abort abort
                        && abort.reason().startsWith("protocol error"));
        return told
                || (machine.place().flags().contains("faulty")
                        && !state.place().flags().contains("faulty"));
    }

    /** The machine's actions by the model's names. Deadlines are compared by what runs in the end. */
    private static List<String> names(List<?> actions) {
        List<String> names = new ArrayList<>();
        for (Object action : actions) {
            if (action instanceof CommonAction.Send send) {
                names.add("Send(" + send.message().label() + ')');
            } else if (!isLeftOut(action)
                    && !(action instanceof IncumbentAction.SendUnits && names.contains("SendUnits"))) {
                names.add(action.getClass().getSimpleName()); // one frame stands for several
            }
        }
        return names;
    }

    private static boolean isLeftOut(Object action) {
        return action instanceof CommonAction.StartDeadline
                || action instanceof CommonAction.CancelDeadline
                || action instanceof CommonAction.Discard;
    }

    private static List<String> expected(ModelTable.Row row, ModelState state) {
        List<String> names = new ArrayList<>();
        for (String action : row.actions()) {
            switch (action) {
                case "StartHeld" -> addIf(state.units("held"), "StartUnits", names);
                case "AbandonHeld" -> addIf(state.units("held"), "AbandonUnits", names);
                case "ResumeDoubt" -> addIf(state.units().keySet(), "ResumeUnits", names);
                case "ResumeStopped" -> addIf(state.units("stopped"), "ResumeUnits", names);
                case "ReleaseDoubt", "LetDoubtGo" -> addIf(state.units("doubt"), "ReleaseUnits", names);
                case "SendStopped" -> addIf(state.units("stopped"), "SendUnits", names);
                default -> {
                    if (!OF_THE_MODEL.contains(action) && !action.matches("(Live|Wait|Mark|Unmark)\\(.*")) {
                        names.add(action);
                    }
                }
            }
        }
        return names;
    }

    private static void addIf(Set<Long> units, String name, List<String> names) {
        if (!units.isEmpty()) {
            names.add(name);
        }
    }

    private static String waitAfter(ModelState state, Occurrence<?> occurrence, List<?> actions) {
        String wait = occurrence.event() instanceof CommonEvent.DeadlineReached ? ModelState.NONE : state.deadline();
        for (Object action : actions) {
            if (action instanceof CommonAction.StartDeadline start) {
                wait = start.waitFor().name();
            } else if (action instanceof CommonAction.CancelDeadline) {
                wait = ModelState.NONE;
            }
        }
        return wait;
    }
}
