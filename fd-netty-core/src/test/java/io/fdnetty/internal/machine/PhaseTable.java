package io.fdnetty.internal.machine;

import io.fdnetty.internal.protocol.Message;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Puts a machine into each of its phases, reports each event to it, and writes down what it decides.
 *
 * @param <M> the machine
 * @param <E> its events
 */
final class PhaseTable<M, E> {
    /** What a machine answered. */
    record Answer(String actions, String next) {}

    /** A machine of one kind: how to make it, to feed it, and to see its phase. */
    public record Kind<M, E>(Supplier<M> fresh, Feed<M, E> feed, Function<M, Phase> phase) {}

    /** Reports an event. */
    interface Feed<M, E> {
        List<?> on(M machine, E event);
    }

    private final Kind<M, E> kind;
    private final Map<String, List<E>> phases = new LinkedHashMap<>();
    private final Map<String, Supplier<E>> events = new LinkedHashMap<>();

    PhaseTable(Kind<M, E> kind) {
        this.kind = kind;
    }

    @SafeVarargs
    @SuppressWarnings("varargs") // only read
    final void phase(String name, E... way) {
        phases.put(name, List.of(way));
    }

    void event(String name, Supplier<E> event) {
        events.put(name, event);
    }

    /** One chapter for each phase: what it does, and what it does not accept. */
    String render() {
        StringBuilder out = new StringBuilder();
        phases.forEach((name, way) -> chapter(out, name, way));
        return out.toString();
    }

    private void chapter(StringBuilder out, String name, List<E> way) {
        List<String> errors = new ArrayList<>();
        List<String> ignored = new ArrayList<>();
        List<String> illegal = new ArrayList<>();
        out.append("#### ").append(name).append("\n\n| event | actions | next phase |\n|---|---|---|\n");
        events.forEach((event, value) -> {
            Answer answer = ask(name, way, value.get());
            if (event.startsWith("deadline")
                    && answer.actions().isEmpty()
                    && answer.next().isEmpty()) {
                return; // not the running one
            } else if (answer.actions().equals("ISE")) {
                illegal.add(event);
            } else if (answer.next().startsWith("error")) {
                errors.add(event);
            } else if (answer.actions().isEmpty() && answer.next().isEmpty()) {
                ignored.add(event);
            } else {
                out.append("| ").append(event).append(" | ").append(answer.actions());
                out.append(" | ").append(answer.next()).append(" |\n");
            }
        });
        out.append('\n');
        line(out, "Protocol error", errors);
        line(out, "Ignored", ignored);
        line(out, "Cannot happen", illegal);
    }

    private static void line(StringBuilder out, String title, List<String> events) {
        if (!events.isEmpty()) {
            out.append(title).append(": ").append(String.join(", ", events)).append(".\n\n");
        }
    }

    private Answer ask(String name, List<E> way, E event) {
        M machine = kind.fresh().get();
        for (E step : way) {
            kind.feed().on(machine, step);
        }
        Phase before = kind.phase().apply(machine);
        if (!name.startsWith(before.label())) {
            throw new AssertionError("the way to " + name + " ends in " + before);
        }
        try {
            List<?> actions = kind.feed().on(machine, event);
            return answer(event, before, kind.phase().apply(machine), actions);
        } catch (IllegalStateException e) {
            if (!kind.phase().apply(machine).equals(before)) {
                throw new AssertionError("changed by an illegal event: " + event, e);
            }
            return new Answer("ISE", "");
        }
    }

    private static Answer answer(Object event, Phase before, Phase after, List<?> actions) {
        List<String> names = new ArrayList<>();
        boolean error = false;
        for (Object action : actions) {
            error |= action instanceof CommonAction.Send send
                    && send.message() instanceof Message.Abort abort
                    && abort.reason().startsWith("protocol error");
            names.add(nameOf(action));
        }
        boolean faulty = event instanceof CommonEvent.Received
                && after instanceof SuccessorPhase.ReadingOut reading
                && reading.faulty()
                && !after.equals(before);
        if (error || faulty) {
            return new Answer("", "error");
        }
        String next = after.equals(before) ? "" : after.label();
        return new Answer(String.join(", ", names), next);
    }

    private static String nameOf(Object action) {
        if (action instanceof CommonAction.Send send) {
            return "Send " + send.message().label();
        } else if (action instanceof CommonAction.StartDeadline start) {
            return "StartDeadline " + start.waitFor();
        } else if (action instanceof IncumbentAction.End end) {
            return "End " + end.outcome().getClass().getSimpleName();
        } else if (action instanceof SuccessorAction.End end) {
            return "End " + end.outcome().getClass().getSimpleName();
        }
        return action.getClass().getSimpleName();
    }
}
