package io.fdnetty.internal.arrival;

import java.util.function.LongConsumer;

/** A unit that was not adopted; this process's copy is closed. */
record RejectedArrival(long id, String rejection) implements Arrival {
    @Override
    public boolean isAdopted() {
        return false;
    }

    @Override
    public void activate(Runnable active) {
        throw new IllegalStateException("unit " + id + " was rejected: " + rejection);
    }

    @Override
    public void start(LongConsumer started) {
        throw new IllegalStateException("unit " + id + " was rejected: " + rejection);
    }

    @Override
    public void abandon() {}
}
