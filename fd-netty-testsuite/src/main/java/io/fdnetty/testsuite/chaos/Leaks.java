package io.fdnetty.testsuite.chaos;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Compares what each server holds, besides its connections, with what the first one held. Used by one thread. */
final class Leaks {
    private static final int MORE_DESCRIPTORS = 6;
    private static final int MORE_THREADS = 8;
    private static final long MORE_DIRECT_BYTES = 48L << 20;
    private static final Duration LIMIT = Duration.ofSeconds(8);
    private static final long POLL_MILLIS = 50;
    private static final long REST_MILLIS = 500;

    private final Findings findings;
    private @Nullable Holding first;
    private int mostDescriptors;
    private int mostThreads;
    private long mostDirectBytes;

    Leaks(Findings findings) {
        this.findings = findings;
    }

    /** @param descriptors besides those of its clients' connections */
    private record Holding(int descriptors, int threads, long directBytes) {
        boolean isMoreThan(Holding other) {
            return descriptors > other.descriptors + MORE_DESCRIPTORS
                    || threads > other.threads + MORE_THREADS
                    || directBytes > other.directBytes + MORE_DIRECT_BYTES;
        }
    }

    /**
     * Looks at a server at rest, and again for a while if it holds more than the first: something may be ending just
     * now.
     *
     * @param connections that it serves
     */
    void check(ChaosServer server, int connections) throws InterruptedException {
        Holding before = first;
        if (before == null) {
            first = atRest(server, connections);
            return;
        }
        Holding now = look(server, connections);
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (now.isMoreThan(before) && System.nanoTime() - deadline < 0) {
            Thread.sleep(POLL_MILLIS);
            now = look(server, connections);
        }
        if (now.isMoreThan(before)) {
            findings.add(describe(server, before, now));
        }
        mostDescriptors = Math.max(mostDescriptors, now.descriptors);
        mostThreads = Math.max(mostThreads, now.threads);
        mostDirectBytes = Math.max(mostDirectBytes, now.directBytes);
    }

    /** The first one may still be accepting its clients. */
    private static Holding atRest(ChaosServer server, int connections) throws InterruptedException {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        Holding before = look(server, connections);
        Thread.sleep(REST_MILLIS);
        Holding now = look(server, connections);
        while ((now.descriptors < 0 || now.descriptors != before.descriptors) && System.nanoTime() - deadline < 0) {
            Thread.sleep(REST_MILLIS);
            before = now;
            now = look(server, connections);
        }
        return now;
    }

    private static Holding look(ChaosServer server, int connections) {
        long pid = server.process().pid();
        return new Holding(
                Proc.descriptors(pid).size() - connections, Proc.threads(pid).size(), server.directBytes());
    }

    private static String describe(ChaosServer server, Holding first, Holding now) {
        long pid = server.process().pid();
        return server + " holds more than the first one: " + now + ", not " + first + "; descriptors "
                + counted(Proc.descriptors(pid), Leaks::kind) + ", threads "
                + counted(Proc.threads(pid), Function.identity());
    }

    private static String kind(String descriptor) {
        return descriptor.replaceAll("\\d+", "N");
    }

    private static Map<String, Long> counted(List<String> names, Function<String, String> kind) {
        return names.stream().collect(Collectors.groupingBy(kind, TreeMap::new, Collectors.counting()));
    }

    /** The most that any server held, against the first. */
    String text() {
        Holding reference = first;
        return reference == null
                ? ""
                : String.format(
                        "held at most  %s descriptors besides connections, %s threads, %s MiB direct memory"
                                + " (most and first)",
                        pair(mostDescriptors, reference.descriptors),
                        pair(mostThreads, reference.threads),
                        pair(mostDirectBytes >> 20, reference.directBytes >> 20));
    }

    private static String pair(long... numbers) {
        return Arrays.stream(numbers).mapToObj(String::valueOf).collect(Collectors.joining("/"));
    }
}
