package io.fdnetty.examples.chat;

import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * All rooms, with one lock for everything in them: every method is a step that no other thread sees half done, and none
 * of them blocks or calls anything but {@link Seat#wake}.
 */
final class ChatRooms {
    static final int MAX_ROOMS = 64;
    static final int MAX_MEMBERS = 500;
    /** How many of the messages before it somebody sees who comes in. */
    static final int HISTORY = 200;

    /** Longer than any upgrade: a room whose members are on their way is not forgotten. */
    private static final long FORGET_NANOS = TimeUnit.MINUTES.toNanos(5);

    private final Map<String, Room> rooms = new LinkedHashMap<>();
    private long changes;
    private boolean shut;

    /** A room in the list of all rooms. */
    record Summary(String name, int members) {}

    /** What a room remembers. */
    record Saved(String name, MessageLog log) {}

    /**
     * What a member has to be told next.
     *
     * @param messages in order, each once
     * @param members the names of all members, if they changed
     * @param isLost whether messages are gone that the member did not get: it read too slowly
     * @param behind how many messages remain
     */
    record News(List<Message> messages, @Nullable List<String> members, boolean isLost, long behind) {}

    /** Counts the changes of {@link #list}. */
    synchronized long changes() {
        return changes;
    }

    synchronized List<Summary> list() {
        return rooms.values().stream()
                .map(room -> new Summary(room.name(), room.size()))
                .sorted(Comparator.comparing(Summary::name))
                .toList();
    }

    /**
     * Takes a seat; a name that is taken gets a number.
     *
     * @param after the number of the last message that the member knows already; 0 if it knows none
     */
    synchronized Seat join(String roomName, String name, long after, Runnable wake) throws RefusedException {
        Room room = room(roomName);
        if (room.size() >= MAX_MEMBERS) {
            throw new RefusedException("The room is full.");
        }
        MessageLog log = room.log();
        long oldest = Math.max(log.first() - 1, log.last() - HISTORY);
        boolean isKnown = after >= oldest && after <= log.last();
        return sit(new Seat(room, freeName(room, name), isKnown ? after : oldest, wake));
    }

    /**
     * Gives a member the seat that it had in the process where its connection was; the name may differ if somebody took
     * it.
     *
     * @throws RefusedException if the rooms do not know it
     */
    synchronized Seat comeBack(Place place, Runnable wake) throws RefusedException {
        Room room = rooms.get(place.room());
        if (room == null || place.cursor() > room.log().last() || place.cursor() < 0) {
            throw new RefusedException("there is no room " + place.room() + " with a message " + place.cursor());
        }
        return sit(new Seat(room, freeName(room, place.name()), place.cursor(), wake));
    }

    private Seat sit(Seat seat) {
        seat.room().add(seat);
        changed();
        return seat;
    }

    /** The member is gone; the others are told. */
    synchronized void leave(Seat seat) {
        seat.room().remove(seat, System.nanoTime());
        changed();
    }

    /** The member's connection is on its way to another process, or back to this one: nobody is told. */
    synchronized void lift(Seat seat) {
        seat.room().remove(seat, System.nanoTime());
    }

    private void changed() {
        changes++;
        rooms.values().forEach(Room::wakeAll);
    }

    synchronized void say(Seat seat, String text) {
        seat.room().log().add(System.currentTimeMillis(), seat.name(), text);
        seat.room().wakeAll();
    }

    /**
     * Returns what is new for a member, and counts it as delivered: the caller writes all of it, now, in this order.
     */
    synchronized News news(Seat seat, int atMost) {
        MessageLog log = seat.room().log();
        if (seat.cursor() < log.first() - 1) {
            return new News(List.of(), null, true, 0);
        }
        List<Message> messages = log.after(seat.cursor(), atMost);
        seat.cursor(seat.cursor() + messages.size());
        List<String> members = seat.learnChanges() ? seat.room().names() : null;
        return new News(messages, members, false, log.last() - seat.cursor());
    }

    /** The number of the last message that was delivered to a member. */
    synchronized long cursor(Seat seat) {
        return seat.cursor();
    }

    /** The number of the last message of a member's room. */
    synchronized long last(Seat seat) {
        return seat.room().log().last();
    }

    private Room room(String name) throws RefusedException {
        Room known = rooms.get(name);
        if (known != null) {
            return known;
        }
        long now = System.nanoTime();
        if (rooms.size() >= MAX_ROOMS && !rooms.values().removeIf(room -> room.isEmptyFor(FORGET_NANOS, now))) {
            throw new RefusedException("There are too many rooms.");
        }
        Room made = new Room(name, new MessageLog(0), now);
        rooms.put(name, made);
        return made;
    }

    private static String freeName(Room room, String wish) {
        String name = wish;
        for (int number = 2; room.has(name); number++) {
            name = wish + " " + number;
        }
        return name;
    }

    /**
     * The next process has what was said here until now: nobody may come in here any more, but for those who come back.
     */
    synchronized void shut() {
        shut = true;
    }

    /** The next process did not come to be. */
    synchronized void open() {
        shut = false;
    }

    synchronized boolean isShut() {
        return shut;
    }

    /** A copy of all that the rooms remember; who sits in them is not part of it. */
    synchronized List<Saved> copy() {
        return rooms.values().stream()
                .map(room -> new Saved(room.name(), room.log().copy()))
                .toList();
    }

    /** Replaces all rooms by those of a predecessor. */
    synchronized void load(Collection<Saved> saved) {
        rooms.clear();
        long now = System.nanoTime();
        saved.forEach(room -> rooms.put(room.name(), new Room(room.name(), room.log(), now)));
        changes++;
    }
}
