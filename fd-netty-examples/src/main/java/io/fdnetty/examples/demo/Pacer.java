package io.fdnetty.examples.demo;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
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

    /** Takes those out whose connection ended. */
    List<StreamClient> takeBroken() {
        List<StreamClient> broken =
                clients.stream().filter(client -> client.broken() != null).toList();
        clients.removeAll(broken);
        return broken;
    }

    /** How many frames each has sent. */
    Map<StreamClient, Long> sent() {
        return clients.stream()
                .collect(Collectors.toMap(
                        client -> client, client -> client.ledger().sent()));
    }

    /** Those whose connection goes on and that have not had as many back. */
    static List<StreamClient> owed(Map<StreamClient, Long> sent) {
        return sent.entrySet().stream()
                .filter(each ->
                        each.getKey().broken() == null && each.getKey().ledger().nextExpected() < each.getValue())
                .map(Map.Entry::getKey)
                .toList();
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

    /**
     * Sends what has become due; after a pause of this process only the last part of it, or it would flood the server.
     */
    private void tick() {
        long now = System.nanoTime();
        due = Math.max(due, now - CATCH_UP_NANOS);
        while (due - now <= 0 && !clients.isEmpty()) {
            burst = burst % MAX_BURST + 1;
            next = (next + 1) % clients.size();
            clients.get(next).send(burst, now);
            due += burst * nanosPerFrame;
        }
    }
}
