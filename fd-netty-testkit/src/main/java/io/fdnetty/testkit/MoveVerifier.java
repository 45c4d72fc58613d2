package io.fdnetty.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fdnetty.UpgradeReport;
import io.fdnetty.UpgraderBuilder;
import io.fdnetty.move.MoveOptions;
import io.netty.channel.Channel;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Verifies that connections with the author's handlers can move: over loopback connections between two servers in this
 * JVM, before the conversation, after it, and between any two bytes that the client sends.
 *
 * <pre>{@code
 * MoveVerifier.of(channel -> channel.pipeline().addLast(new LineBasedFrameDecoder(80), new MyHandler()))
 *         .options(MoveOptions.restored().answersOnLoop())
 *         .sending("hello\nworld\n")
 *         .verify()
 *         .assertMovedEverywhere();
 * }</pre>
 *
 * <p>One client's connection stays where it is: what it is answered is right. Every other client must get the same,
 * byte for byte. The conversation does not depend on the time, then, or on other connections.
 *
 * <p>Immutable; each method returns a changed copy.
 */
public final class MoveVerifier {
    private static final int AT_ONCE = 100;
    private static final Duration LIMIT = Duration.ofSeconds(3);
    private static final Duration QUIET = Duration.ofMillis(100);
    private static final long READ_NANOS = 1_000_000_000L;
    private static final long SETTLE_NANOS = 100_000_000L;
    private static final long PAUSE_MILLIS = 2;
    private static final int SHOWN = 5;

    private final Version old;
    private final Version fresh;
    private final byte[] input;
    private final Duration quiet;

    /** What one of the two servers does with a connection. */
    private record Version(Consumer<? super Channel> pipeline, MoveOptions options) {
        ServerStarter<LoopbackServer> starter() {
            return LoopbackServer.with(pipeline, options);
        }
    }

    private MoveVerifier(Version old, Version fresh, byte[] input, Duration quiet) {
        this.old = old;
        this.fresh = fresh;
        this.input = input;
        this.quiet = quiet;
    }

    /**
     * Begins with the pipeline of a connection, of a kind that is {@linkplain MoveOptions#restored() restored}.
     *
     * @param pipeline adds the handlers, as a {@code ChannelInitializer} does; called for each connection, in both
     *     servers
     */
    public static MoveVerifier of(Consumer<? super Channel> pipeline) {
        Version version = new Version(pipeline, MoveOptions.restored());
        return new MoveVerifier(version, version, new byte[0], QUIET);
    }

    /** Says how the connections move. */
    public MoveVerifier options(MoveOptions options) {
        Version version = new Version(old.pipeline(), options);
        return new MoveVerifier(version, version, input, quiet);
    }

    /** Lets connections move to a server of another version. Follows {@link #options}, which is the old server's. */
    public MoveVerifier to(Consumer<? super Channel> pipeline, MoveOptions options) {
        return new MoveVerifier(old, new Version(pipeline, options), input, quiet);
    }

    /** What a client sends, in UTF-8. */
    public MoveVerifier sending(String conversation) {
        return sending(conversation.getBytes(UTF_8));
    }

    /** What a client sends: a few hundred bytes, since there is a connection for each position. */
    public MoveVerifier sending(byte[] conversation) {
        return new MoveVerifier(old, fresh, conversation.clone(), quiet);
    }

    /** How long a server has said nothing when it has answered everything. Default 100 ms. */
    public MoveVerifier quiet(Duration silence) {
        return new MoveVerifier(old, fresh, input, silence);
    }

    /**
     * Moves a connection at each position where its handlers let it go. What stays goes on in the old server, and may
     * move later.
     *
     * @return where it moved
     * @throws AssertionError if a client got something else than the one whose connection stayed; if a connection was
     *     not taken although it could leave; if none moved; if something has leaked. The message says what differs, or
     *     why
     */
    public VerifiedMoves verify() throws Exception {
        Findings findings = new Findings();
        Answer reference = reference();
        for (int from = 0; from <= input.length; from += AT_ONCE) {
            move(from, Math.min(from + AT_ONCE - 1, input.length), reference, findings);
        }
        return findings.verdict();
    }

    private TestUpgrade<LoopbackServer> start() throws Exception {
        UnaryOperator<UpgraderBuilder> settings = builder -> builder.drainTimeout(LIMIT.multipliedBy(4));
        return TestUpgrade.start(settings, old.starter());
    }

    private Answer reference() throws Exception {
        try (TestUpgrade<LoopbackServer> server = start();
                Probe probe = new Probe(server.server().address(), input, input.length)) {
            settle(List.of(probe), server);
            return probe.answer(quiet);
        }
    }

    private void move(int from, int to, Answer reference, Findings findings) throws Exception {
        List<Probe> probes = new ArrayList<>();
        try (TestUpgrade<LoopbackServer> upgrade = start()) {
            try {
                for (int position = from; position <= to; position++) {
                    probes.add(new Probe(upgrade.server().address(), input, position));
                }
                settle(probes, upgrade);
                UpgradeReport report = upgrade.upgrade(fresh.starter(), () -> finish(probes, reference, findings));
                findings.report(report);
            } finally {
                close(probes);
            }
        }
    }

    /** Waits until the server has read everything, and for a moment until all may move. */
    private static void settle(List<Probe> probes, TestUpgrade<LoopbackServer> upgrade) throws InterruptedException {
        LoopbackServer server = upgrade.server();
        long begin = System.nanoTime();
        long allRead = 0;
        while (System.nanoTime() - begin < READ_NANOS) {
            if (probes.stream().filter(probe -> !probe.isRead(server)).count() == 0) {
                allRead = allRead == 0 ? System.nanoTime() : allRead;
                boolean mayAllMove = probes.stream()
                                .filter(probe -> !probe.mayMove(upgrade.upgrader()))
                                .count()
                        == 0;
                if (mayAllMove || System.nanoTime() - allRead > SETTLE_NANOS) {
                    return;
                }
            }
            Thread.sleep(PAUSE_MILLIS);
        }
        probes.forEach(probe -> probe.mayMove(upgrade.upgrader())); // something in front holds a part of it back
    }

    /** The new server serves: what could leave has left, or never will. */
    private void finish(List<Probe> probes, Answer reference, Findings findings) throws Exception {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (probes.stream().filter(Probe::isMissing).count() > 0 && System.nanoTime() - deadline < 0) {
            Thread.sleep(PAUSE_MILLIS);
        }
        for (Probe probe : probes) {
            probe.isMissing();
            probe.sendRest();
        }
        long answered = System.nanoTime() + LIMIT.toNanos();
        for (Probe probe : probes) {
            findings.found(probe, probe.answer(reference, answered), reference);
        }
        close(probes);
    }

    private static void close(List<Probe> probes) throws IOException {
        for (Probe probe : probes) {
            probe.close();
        }
    }

    /** What came of the positions. */
    private static final class Findings {
        private final List<Integer> moved = new ArrayList<>();
        private final Map<Integer, String> stayed = new TreeMap<>();
        private final Map<Integer, String> refused = new TreeMap<>();
        private final List<String> failures = new ArrayList<>();

        void found(Probe probe, Answer answer, Answer reference) {
            if (!answer.isLike(reference)) {
                failures.add(probe.place() + ": the connection " + (probe.hasMoved() ? "that moved" : "that stayed")
                        + " differs: " + answer.differenceTo(reference));
            }
            if (probe.hasMoved()) {
                moved.add(probe.position());
            } else if (probe.wasWilling()) {
                refused.put(probe.position(), probe.place());
            } else {
                stayed.put(probe.position(), probe.whyNot());
            }
        }

        /** The report knows why connections were not taken. */
        void report(UpgradeReport report) {
            refused.forEach((position, place) -> {
                failures.add(place + ": it could leave and was not taken: "
                        + report.keptReasons().keySet());
                stayed.put(position, "it was not taken: " + report.keptReasons().keySet());
            });
            refused.clear();
        }

        VerifiedMoves verdict() {
            VerifiedMoves moves = new VerifiedMoves(moved, stayed);
            if (!failures.isEmpty()) {
                String more = failures.size() > SHOWN ? "\n  and " + (failures.size() - SHOWN) + " more" : "";
                throw new AssertionError("of " + (moved.size() + stayed.size()) + " connections " + failures.size()
                        + " did not do as one that stays:\n  "
                        + String.join("\n  ", failures.subList(0, Math.min(SHOWN, failures.size()))) + more);
            }
            if (moved.isEmpty()) {
                throw new AssertionError("no connection moved:" + moves.reasons());
            }
            return moves;
        }
    }
}
