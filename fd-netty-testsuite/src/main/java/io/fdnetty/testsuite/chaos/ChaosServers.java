package io.fdnetty.testsuite.chaos;

import io.fdnetty.examples.ProgramException;
import io.fdnetty.examples.demo.ServerFleet;
import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.examples.server.EventLine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The servers of the chaos run: those that run, and what all of them have told. Thread-safe. */
final class ChaosServers implements AutoCloseable {
    static final int STEP_MILLIS = 5_000;
    private static final String MAIN_CLASS = "io.fdnetty.testsuite.Main";
    private static final int DRAIN_SECONDS = 3;
    private static final Duration START_LIMIT = Duration.ofMinutes(3);
    private static final Set<Integer> USUAL_STATUSES = Set.of(0, 1, 128 + 9, 128 + 15);

    private final Findings findings;
    private final ServerFleet fleet;
    private final Ownership ownership = new Ownership();
    private final List<ChaosServer> running = new ArrayList<>();
    private final Set<Integer> killed = new HashSet<>();
    private final Map<Integer, List<EventLine>> early = new HashMap<>();
    private final Map<Long, EventLine> strikes = new HashMap<>();
    private final Consumer<String> log;
    private final AtomicLong deadlines = new AtomicLong();
    private final AtomicLong witnessed = new AtomicLong();
    private final AtomicLong unwitnessed = new AtomicLong();

    ChaosServers(ChaosPlan plan, Consumer<String> log, Findings findings) throws IOException {
        this.findings = findings;
        this.log = log;
        fleet = new ServerFleet(
                MAIN_CLASS, plan.runtimes(), options(), directory -> arguments(plan, directory), this::hearLog);
    }

    private void hearLog(int number, String line) {
        if (line.contains("LEAK:")) {
            findings.add("server " + number + " did not release a buffer: " + line);
        }
        if (line.contains("the deadline")) {
            deadlines.incrementAndGet();
        }
        synchronized (this) {
            find(number).ifPresent(server -> server.note(line));
        }
        log.accept("server " + number + ": " + line);
    }

    private static List<String> options() {
        return List.of(
                "-Xmx96m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dio.netty.leakDetection.level=paranoid",
                "-Dio.fdnetty.faults=io.fdnetty.testsuite.chaos.server.Strikes");
    }

    private static List<String> arguments(ChaosPlan plan, Path directory) {
        List<String> arguments = new ArrayList<>(ServerFleet.arguments("chaos-server", directory, DRAIN_SECONDS));
        arguments.addAll(List.of(
                "--orders", directory.toString(), "--step", String.valueOf(STEP_MILLIS), "--plant", plan.plant()));
        return arguments;
    }

    /** Starts one more. */
    synchronized ChaosServer start() {
        ChildProcess process = fleet.startNext(this::hear);
        int number = Integer.parseInt(process.name().substring("server ".length()));
        ChaosServer server = new ChaosServer(number, process);
        running.add(server);
        early.getOrDefault(number, List.of()).forEach(server::hear);
        early.remove(number);
        return server;
    }

    /** Starts one while none runs, and waits until it serves. */
    ChaosServer startCold() throws InterruptedException {
        ChaosServer server = start();
        server.process().await("ready", START_LIMIT);
        return server;
    }

    private void hear(int number, EventLine event) {
        switch (event.event()) {
            case "witnessed" -> witnessed.incrementAndGet();
            case "unwitnessed" -> unwitnessed.incrementAndGet();
            case "disagreement" -> findings.add("the kernel disagrees with server " + number + ": " + event);
            default -> ownership.hear(number, event, System.nanoTime());
        }
        synchronized (this) {
            if (event.event().equals("strike")) {
                strikes.put(event.number("number"), event);
            }
            find(number)
                    .ifPresentOrElse(
                            server -> server.hear(event),
                            () -> early.computeIfAbsent(number, any -> new ArrayList<>())
                                    .add(event));
        }
    }

    private Optional<ChaosServer> find(int number) {
        return running.stream().filter(server -> server.number() == number).findAny();
    }

    /** Those that run; what has ended is looked at and forgotten. */
    synchronized List<ChaosServer> running() {
        for (ChaosServer server : List.copyOf(running)) {
            if (server.hasEnded()) {
                ended(server);
            }
        }
        return List.copyOf(running);
    }

    private void ended(ChaosServer server) {
        running.remove(server);
        fleet.forget(server.process());
        int status = server.process().exitStatus();
        if (!USUAL_STATUSES.contains(status)) {
            findings.add(server + " ended with status " + status + ":\n"
                    + server.process().output());
        }
    }

    /** Whether one process serves and no other runs, or none runs at all. */
    boolean isSettled() {
        List<ChaosServer> now = running();
        return now.isEmpty() || (now.size() == 1 && now.get(0).isServing());
    }

    /** The one that serves, if there is one. */
    @Nullable
    ChaosServer serving() {
        return running().stream().filter(ChaosServer::isServing).findAny().orElse(null);
    }

    /** The process that said that it carries out an order; null if none has. */
    synchronized @Nullable ChaosServer struck(int order) {
        EventLine said = strikes.get((long) order);
        return said == null
                ? null
                : running.stream()
                        .filter(server -> server.process().pid() == said.number("pid"))
                        .findAny()
                        .orElse(null);
    }

    synchronized boolean isStruck(int order) {
        return strikes.containsKey((long) order);
    }

    void kill(ChaosServer server) {
        synchronized (this) {
            killed.add(server.number());
        }
        server.kill();
    }

    synchronized Set<Integer> killed() {
        return Set.copyOf(killed);
    }

    Ownership ownership() {
        return ownership;
    }

    Path directory() {
        return fleet.directory();
    }

    Path socket() {
        return fleet.socket();
    }

    /** How often a server said that a deadline had run out. */
    long deadlines() {
        return deadlines.get();
    }

    /** How often the kernel's counters agreed. */
    long witnessed() {
        return witnessed.get();
    }

    /** How often they could not be told. */
    long unwitnessed() {
        return unwitnessed.get();
    }

    /** A witness that seldom sees anything is none. */
    void checkWitness() {
        if (unwitnessed.get() > witnessed.get()) {
            findings.add("the kernel's counters could not be told " + unwitnessed + " times, and " + witnessed
                    + " times they could");
        }
    }

    /** Ends the last one as its user would, and looks at what is left. */
    void end(ChaosServer last) throws InterruptedException {
        last.process().signal("TERM");
        int status = last.process().awaitExit(START_LIMIT);
        if (status != 128 + 15) {
            findings.add("the last server ended with status " + status);
        }
        if (Files.exists(socket())) {
            findings.add("the control socket was left behind: " + socket());
        }
        running();
        ProcessHandle.current()
                .descendants()
                .findAny()
                .ifPresent(left -> findings.add("a process was left behind: " + left.pid()));
    }

    @Override
    public void close() {
        try {
            for (ChaosServer server : running()) {
                server.process().signal("CONT");
            }
        } catch (InterruptedException | ProgramException ended) {
            Thread.interrupted();
        }
        fleet.close();
    }
}
