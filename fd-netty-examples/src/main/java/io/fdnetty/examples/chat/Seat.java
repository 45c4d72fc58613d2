package io.fdnetty.examples.chat;

/**
 * One member's place in a room, and how far the member was served: up to and including the message {@link #cursor}.
 *
 * <p>The cursor is the whole secret of exactness. A message counts as said once it is in the room's log; nobody sends
 * it to the members. Each member's own event loop fetches what is behind its cursor, writes it and moves the cursor, in
 * one go; and the cursor travels with the connection. So it does not matter where a member is when a message is said.
 */
final class Seat {
    private final Room room;
    private final String name;
    private final Runnable wake;
    /** Guarded by the lock of the rooms, as what follows. */
    private long cursor;

    private long toldChanges = -1;

    /** @param wake called with every change; must not block */
    Seat(Room room, String name, long cursor, Runnable wake) {
        this.room = room;
        this.name = name;
        this.cursor = cursor;
        this.wake = wake;
    }

    Room room() {
        return room;
    }

    String name() {
        return name;
    }

    long cursor() {
        return cursor;
    }

    void cursor(long next) {
        cursor = next;
    }

    /** Whether the members of the room changed since this was last asked. */
    boolean learnChanges() {
        boolean isNew = toldChanges != room.changes();
        toldChanges = room.changes();
        return isNew;
    }

    void wake() {
        wake.run();
    }
}
