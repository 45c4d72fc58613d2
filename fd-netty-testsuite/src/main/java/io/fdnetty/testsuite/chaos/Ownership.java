package io.fdnetty.testsuite.chaos;

import io.fdnetty.examples.server.EventLine;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who owned each connection, as the servers told it: the one that accepted it, then each one at which it arrived, until
 * it left there. Processes are known by their numbers, connections by the port of their client. Thread-safe.
 *
 * <p>What two servers tell may be heard in any order, and late. A port that was used before is another connection's:
 * what was first heard before a client began to connect is not about its connection.
 */
final class Ownership {
    private final Map<Integer, Map<String, Life>> byPort = new HashMap<>();

    /** One connection. */
    private static final class Life {
        final long firstHeard;
        final Set<Integer> owned = new HashSet<>();
        final Set<Integer> left = new HashSet<>();
        final Set<Integer> ended = new HashSet<>();
        final Set<Integer> farewells = new HashSet<>();

        Life(long firstHeard) {
            this.firstHeard = firstHeard;
        }
    }

    /**
     * A server tells something of a connection.
     *
     * @param nanos when it was heard, by {@link System#nanoTime}
     */
    synchronized void hear(int process, EventLine event, long nanos) {
        String id = event.get("id");
        if (id == null) {
            return;
        }
        Life life = byPort.computeIfAbsent((int) event.number("port"), port -> new LinkedHashMap<>())
                .computeIfAbsent(id, any -> new Life(nanos));
        switch (event.event()) {
            case "accepted", "arrived" -> life.owned.add(process);
            case "left" -> life.left.add(process);
            case "ended" -> life.ended.add(process);
            case "farewell" -> life.farewells.add(process);
            default -> {}
        }
    }

    /**
     * Why the connection of a client should not have ended; null if its owner was killed, or had to end without having
     * passed it on.
     *
     * @param began when the client began to connect, by {@link System#nanoTime}
     * @param killed the processes that were killed
     * @param anyKilled whether one was killed of late: with it may end what nobody had accepted
     */
    synchronized @Nullable String unexplained(int port, long began, Collection<Integer> killed, boolean anyKilled) {
        Life life = latest(port, began);
        if (life == null) {
            return anyKilled ? null : "no server had it, and none was killed";
        }
        return unexplained(life, killed);
    }

    private @Nullable Life latest(int port, long began) {
        Life latest = null;
        for (Life life : byPort.getOrDefault(port, Map.of()).values()) {
            if (life.firstHeard - began >= 0) {
                latest = life;
            }
        }
        return latest;
    }

    private static @Nullable String unexplained(Life life, Collection<Integer> killed) {
        for (int owner : life.owned) {
            if (!life.left.contains(owner) && !killed.contains(owner) && !life.farewells.contains(owner)) {
                return "it was server " + owner + "'s, which was not killed"
                        + (life.ended.contains(owner) ? " and saw it end" : "");
            }
        }
        boolean excused = !life.farewells.isEmpty()
                || life.owned.stream().anyMatch(killed::contains)
                || life.left.stream().anyMatch(old -> killed.stream().anyMatch(each -> each > old));
        return excused || life.owned.isEmpty()
                ? null
                : "servers " + life.left + " passed it on, and no successor was killed";
    }

    /** Whether the connection ended with a farewell. */
    synchronized boolean hadFarewell(int port, long began) {
        Life life = latest(port, began);
        return life != null && !life.farewells.isEmpty();
    }

    /** Nothing more is asked about this connection. */
    synchronized void forget(int port) {
        byPort.remove(port);
    }

    synchronized String describe(int port) {
        StringBuilder text = new StringBuilder();
        byPort.getOrDefault(port, Map.of())
                .forEach((id, life) -> text.append(id)
                        .append(": owned by ")
                        .append(life.owned)
                        .append(", left ")
                        .append(life.left)
                        .append(", ended at ")
                        .append(life.ended)
                        .append(", farewell by ")
                        .append(life.farewells)
                        .append("; "));
        return text.toString();
    }
}
