package io.fdnetty.internal.machine;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What one side of docs/model/handover.pml knows, as far as its table depends on it.
 *
 * @param together whether all units move together
 * @param place where it is
 * @param deadline the deadline that is running, or NONE
 * @param units the units that are neither here nor there: doubt, stopped, adopting, sending or held
 */
record ModelState(boolean together, Place place, String deadline, Map<Long, String> units) {
    static final String NONE = "NONE";
    private static final Set<String> BEFORE_CUTOVER =
            Set.of("ReceivingState_bare", "ReceivingState", "Offered", "AwaitCutover");
    private static final Set<String> OPEN = Set.of("Receiving", "Receiving_quiet");
    private static final Set<String> OPEN_TO_LATE_MOVERS = Set.of("Completing", "Serving");
    private static final Set<String> QUIET = Set.of("Receiving_quiet", "Joining", "Completing_quiet");
    private static final Set<String> ACCEPTING =
            Set.of("Receiving", "Receiving_quiet", "Joining", "Completing", "Completing_quiet", "Serving");

    /**
     * A phase by the model's name.
     *
     * @param live of ReadingOut and AwaitLifeline, else empty
     * @param flags of ReadingOut; of an incumbent, whether it is leaving
     */
    record Place(String phase, String live, Set<String> flags) {
        static Place of(String phase) {
            return new Place(phase, "", Set.of());
        }
    }

    static ModelState first(boolean together) {
        return new ModelState(together, Place.of("Idle"), NONE, Map.of());
    }

    Set<Long> units(String where) {
        Set<Long> ids = new TreeSet<>();
        units.forEach((id, here) -> {
            if (here.equals(where)) {
                ids.add(id);
            }
        });
        return ids;
    }

    private boolean has(String where, Collection<Long> besides) {
        Set<Long> ids = units(where);
        ids.removeAll(besides);
        return !ids.isEmpty();
    }

    private boolean flag(String name) {
        return place.flags().contains(name);
    }

    /** The conditions of the tables, by the names that the model defines them with. */
    boolean is(String condition, Collection<Long> ids) {
        return switch (condition) {
            case "noDoubt" -> !has("doubt", Set.of());
            case "settlesAll" -> !has("doubt", ids);
            case "sends" -> has("sending", Set.of());
            case "sendsMore" -> has("sending", ids);
            case "adopting" -> has("adopting", Set.of());
            case "adoptsMore" -> has("adopting", ids);
            case "noUnits" -> units.isEmpty();
            case "noneLeft" -> ids.containsAll(units.keySet());
            case "decided" -> !flag("completing") && !has("sending", Set.of());
            case "accepts" -> ACCEPTING.contains(place.live());
            case "open" -> OPEN.contains(place.live()) || (!together && OPEN_TO_LATE_MOVERS.contains(place.live()));
            case "mayRefuse" -> BEFORE_CUTOVER.contains(place.live()) || QUIET.contains(place.live());
            case "together" -> together;
            case "beforeCutover" -> BEFORE_CUTOVER.contains(place.live());
            case "completing", "peerEnded", "faulty", "leaving" -> flag(condition);
            default -> {
                if (!condition.startsWith("is(")) {
                    throw new AssertionError("an unknown condition: " + condition);
                }
                yield place.live().equals(argument(condition));
            }
        };
    }

    /** What follows from a row, in the model's terms. */
    ModelState after(ModelTable.Row row, Collection<Long> ids) {
        Map<Long, String> moved = new TreeMap<>(units);
        String live = place.live();
        Set<String> flags = new LinkedHashSet<>(place.flags());
        for (String action : row.actions()) {
            move(moved, action, ids);
            if (action.startsWith("Live(") || action.startsWith("Wait(")) {
                live = argument(action);
            } else if (action.startsWith("Mark(")) {
                flags.add(argument(action));
            } else if (action.startsWith("Unmark(")) {
                flags.remove(argument(action));
            } else if (action.equals("Lose")) {
                live = place.phase();
                flags.clear();
                if (live.startsWith("Completing")) {
                    flags.add("completing");
                }
            }
        }
        boolean reading = row.next().equals("ReadingOut");
        boolean ending = reading || row.next().equals("AwaitLifeline");
        flags.removeIf(flag -> !reading && !flag.equals("leaving"));
        Place next = new Place(row.next(), ending ? live : "", Set.copyOf(flags));
        return new ModelState(together, next, row.deadline().equals("same") ? deadline : row.deadline(), moved);
    }

    private static void move(Map<Long, String> units, String action, Collection<Long> ids) {
        switch (action) {
            case "Stand" -> ids.forEach(id -> units.put(id, "stopped"));
            case "SendStopped" -> units.replaceAll((id, here) -> "doubt");
            case "SendUnits" -> ids.forEach(id -> units.put(id, "doubt"));
            case "Adopt" -> ids.forEach(id -> units.put(id, "adopting"));
            case "SendAdopted" -> ids.forEach(id -> units.put(id, "sending"));
            case "Hold" -> ids.forEach(id -> units.put(id, "held"));
            case "WritesFail" -> units.replaceAll((id, here) -> here.equals("sending") ? "held" : here);
            case "ReleaseUnits", "ResumeUnits", "StartUnits", "AbandonUnits", "Drop" -> ids.forEach(units::remove);
            case "ReleaseDoubt", "ResumeDoubt" -> units.clear();
            case "LetDoubtGo" -> units.values().removeIf("doubt"::equals);
            case "ResumeStopped" -> units.values().removeIf("stopped"::equals);
            case "StartHeld", "AbandonHeld" -> units.values().removeIf("held"::equals);
            default -> {}
        }
    }

    private static String argument(String call) {
        return call.substring(call.indexOf('(') + 1, call.length() - 1);
    }
}
