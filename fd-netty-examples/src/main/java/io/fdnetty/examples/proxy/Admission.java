package io.fdnetty.examples.proxy;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts the clients. Thread-safe. */
final class Admission {
    private static final AttributeKey<Boolean> INSIDE = AttributeKey.valueOf(Admission.class, "inside");

    private final int limit;
    private final AtomicInteger inside = new AtomicInteger();

    Admission(int limit) {
        this.limit = limit;
    }

    /**
     * Counts a client until it is closed.
     *
     * @return false if that is one too many, which is to be turned away; a client that has been here before may stay
     */
    boolean enter(Channel client) {
        if (client.attr(INSIDE).getAndSet(true) != null) {
            return true;
        }
        client.closeFuture().addListener(closed -> inside.decrementAndGet());
        return inside.incrementAndGet() <= limit;
    }
}
