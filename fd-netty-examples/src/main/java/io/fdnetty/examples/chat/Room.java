package io.fdnetty.examples.chat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One room: its log and who is in it. Guarded by the lock of its {@link ChatRooms}. */
final class Room {
    private final String name;
    private final MessageLog log;
    private final Map<String, Seat> seats = new HashMap<>();
    private long changes;
    private long emptySinceNanos;

    Room(String name, MessageLog log, long nowNanos) {
        this.name = name;
        this.log = log;
        this.emptySinceNanos = nowNanos;
    }

    String name() {
        return name;
    }

    MessageLog log() {
        return log;
    }

    /** Counts how often members came and went. */
    long changes() {
        return changes;
    }

    int size() {
        return seats.size();
    }

    /** In the same order in every process. */
    List<String> names() {
        return seats.keySet().stream().sorted().toList();
    }

    boolean has(String member) {
        return seats.containsKey(member);
    }

    void add(Seat seat) {
        seats.put(seat.name(), seat);
        changes++;
    }

    void remove(Seat seat, long nowNanos) {
        if (seats.remove(seat.name(), seat)) {
            changes++;
            emptySinceNanos = nowNanos;
        }
    }

    boolean isEmptyFor(long nanos, long nowNanos) {
        return seats.isEmpty() && nowNanos - emptySinceNanos >= nanos;
    }

    void wakeAll() {
        seats.values().forEach(Seat::wake);
    }
}
