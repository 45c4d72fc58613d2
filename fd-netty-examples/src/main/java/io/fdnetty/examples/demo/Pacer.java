package io.fdnetty.examples.demo;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Makes the clients of one event loop send at an even pace, whatever the server does.
 *
 * <p>All methods but the constructor belong on the event loop.
 */
final class Pacer {
    private static final long TICK_MICROS = 2_000;
    private static final long CATCH_UP_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int MAX_BURST = 3;

    private final EventLoop loop;
    private final List<StreamClient> clients = new ArrayList<>();
    private @Nullable Future<?> ticks;
    private long nanosPerFrame = Long.MAX_VALUE;
    private long due;
    private int next;
    private int burst;

    Pacer(EventLoop loop) {
        this.loop = loop;
    }

    void add(StreamClient client) {
        clients.add(client);
    }

    List<StreamClient> clients() {
        return clients;
    }

    /** Begins to send at a rate shared by the clients here. */
    void start(double framesPerSecond) {
        if (clients.isEmpty()) {
            return;
        }
        nanosPerFrame = Math.max(1, (long) (1e9 / framesPerSecond));
        due = System.nanoTime();
        ticks = loop.scheduleAtFixedRate(this::tick, TICK_MICROS, TICK_MICROS, TimeUnit.MICROSECONDS);
    }

    void stop() {
        if (ticks != null) {
            ticks.cancel(false);
        }
    }

    /** Sends what has become due; after a pause of this process only the last part of it, or it would flood the server. */
    private void tick() {
        long now = System.nanoTime();
        due = Math.max(due, now - CATCH_UP_NANOS);
        while (due - now <= 0) {
            burst = burst % MAX_BURST + 1;
            clients.get(next).send(burst, now);
            next = (next + 1) % clients.size();
            due += burst * nanosPerFrame;
        }
    }
}
