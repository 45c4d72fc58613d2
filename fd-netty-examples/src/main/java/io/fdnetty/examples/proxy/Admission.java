package io.fdnetty.examples.proxy;

import io.netty.channel.Channel;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts the clients. Thread-safe. */
final class Admission {
    private final int limit;
    private final AtomicInteger inside = new AtomicInteger();

    Admission(int limit) {
        this.limit = limit;
    }

    /**
     * Counts a client until it is closed.
     *
     * @return false if that is one too many, which is to be turned away
     */
    boolean enter(Channel client) {
        client.closeFuture().addListener(closed -> inside.decrementAndGet());
        return inside.incrementAndGet() <= limit;
    }
}
