package io.fdnetty.internal.machine;

/** One connection of the exploration: what both processes hold of it. */
final class SimUnit {
    enum There {
        NOTHING,
        RECEIVED,
        HELD,
        RUNNING,
        ABANDONED,
        REJECTED
    }

    enum Here {
        RUNNING,
        FROZEN,
        RELEASED,
        CLOSED
    }

    final long id;
    Here incumbent = Here.RUNNING;
    There successor = There.NOTHING;
    boolean resumed;
    boolean started;
    boolean delivered;
    boolean acknowledged;

    SimUnit(long id) {
        this.id = id;
    }

    @Override
    public String toString() {
        return "unit " + id + " incumbent=" + incumbent + " successor=" + successor
                + (acknowledged ? " acknowledged" : "");
    }
}
