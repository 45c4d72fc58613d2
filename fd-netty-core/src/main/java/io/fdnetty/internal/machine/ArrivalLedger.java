package io.fdnetty.internal.machine;

import io.fdnetty.internal.protocol.ConnectionUnit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The units that arrived at a successor and are not yet started, abandoned or rejected. Each id is in exactly one of
 * three sets.
 */
final class ArrivalLedger {
    /** Channels are being made of them. */
    private final Set<Long> adopting = new LinkedHashSet<>();

    /** Adopted, their ADOPTED is handed to the control socket and undecided. */
    private final Set<Long> sending = new LinkedHashSet<>();

    /** Adopted, and no ADOPTED will reach the incumbent. */
    private final Set<Long> held = new LinkedHashSet<>();

    private boolean together;
    private long arrivals;

    /** All units have one acknowledgement, which is COMPLETE. */
    void moveTogether() {
        together = true;
    }

    boolean areTogether() {
        return together;
    }

    /** How many have arrived, whatever became of them. */
    long arrivals() {
        return arrivals;
    }

    /** Adds what arrived; false, and nothing is added, if that is nothing or if one of them is here already. */
    boolean arrived(List<ConnectionUnit> units) {
        if (units.isEmpty()) {
            return false;
        }
        Set<Long> ids = new LinkedHashSet<>();
        for (ConnectionUnit unit : units) {
            if (!ids.add(unit.id()) || knows(unit.id())) {
                return false;
            }
        }
        adopting.addAll(ids);
        arrivals += ids.size();
        return true;
    }

    private boolean knows(long id) {
        return adopting.contains(id) || sending.contains(id) || held.contains(id);
    }

    boolean areAdopting(List<Long> ids) {
        return adopting.containsAll(ids);
    }

    boolean areSending(List<Long> ids) {
        return sending.containsAll(ids);
    }

    void sending(List<Long> ids) {
        ids.forEach(adopting::remove);
        sending.addAll(ids);
    }

    void held(List<Long> ids) {
        ids.forEach(adopting::remove);
        held.addAll(ids);
    }

    void rejected(long id) {
        adopting.remove(id);
    }

    /** Every write that is undecided has failed. */
    void writesFailed() {
        held.addAll(sending);
        sending.clear();
    }

    /** Takes out those whose write succeeded, also if it had been given up; returns those that were still here. */
    List<Long> written(List<Long> ids) {
        List<Long> here = new ArrayList<>(ids.size());
        for (Long id : ids) {
            if (sending.remove(id) || held.remove(id)) {
                here.add(id);
            }
        }
        return here;
    }

    List<Long> takeHeld() {
        List<Long> all = List.copyOf(held);
        held.clear();
        return all;
    }

    boolean isAdopting() {
        return !adopting.isEmpty();
    }

    boolean isSending() {
        return !sending.isEmpty();
    }

    boolean isEmpty() {
        return size() == 0;
    }

    int size() {
        return adopting.size() + sending.size() + held.size();
    }
}
