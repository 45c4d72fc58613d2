package io.fdnetty.testsuite.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.testsuite.fault.FaultTable.Cell;
import io.fdnetty.testsuite.fault.Strike.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Does one cell after another: a successor takes over, one of the two processes is struck, and who serves then is
 * upgraded once more, by the process with which the next cell begins.
 */
final class FaultLane implements Runnable {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int CLIENTS = 8;
    private static final int KILLED = 128 + 9;
    private static final int STOPPED = 128 + 15;

    private final FaultServers servers;
    private final String socket;
    private final Queue<Cell> cells;
    private final Map<Cell, CompletableFuture<Void>> results;
    private final boolean together;
    private int port;

    FaultLane(
            FaultServers servers,
            String socket,
            boolean together,
            Queue<Cell> cells,
            Map<Cell, CompletableFuture<Void>> results) {
        this.servers = servers;
        this.socket = socket;
        this.together = together;
        this.cells = cells;
        this.results = results;
    }

    @Override
    public void run() {
        Server server = null;
        Cell next;
        for (Cell cell = cells.poll(); cell != null; cell = next) {
            next = cells.poll();
            server = run(cell, server, next);
        }
        if (server != null) {
            server.process.kill();
        }
    }

    /** Returns the one that serves then, if all went well. */
    private @Nullable Server run(Cell cell, @Nullable Server server, @Nullable Cell next) {
        CompletableFuture<Void> result = results.get(cell);
        Run run = new Run(cell);
        long began = System.nanoTime();
        try {
            Server last = run.from(server == null ? first(cell) : server, next);
            result.complete(null);
            return last;
        } catch (Throwable e) {
            result.completeExceptionally(new AssertionError(cell + "\n" + run.describe(), e));
            run.kill();
            return null;
        } finally {
            tell(cell, result.isCompletedExceptionally(), System.nanoTime() - began);
        }
    }

    private void tell(Cell cell, boolean failed, long nanos) {
        long done = results.values().stream().filter(CompletableFuture::isDone).count();
        System.out.printf(
                "%d of %d, %s, %.1f s: %s%n", done, results.size(), failed ? "FAILED" : "held", nanos / 1e9, cell);
    }

    private Server first(Cell cell) throws InterruptedException {
        ChildProcess process = start("incumbent", cell.strikesIncumbent() ? cell : null, 0, cell);
        process.await("ready", LIMIT);
        port = (int) process.await("listening", LIMIT).line().number("port");
        return new Server(process);
    }

    private ChildProcess start(String name, @Nullable Cell struck, int at, @Nullable Cell waits) {
        return servers.server(name, struck, socket, at, waits, together);
    }

    private record Server(ChildProcess process) {}

    /** One cell. */
    private final class Run {
        private final Cell cell;
        private @Nullable ChildProcess incumbent;
        private @Nullable ChildProcess successor;
        private @Nullable ChildProcess next;
        private String clientsSaid = "";

        Run(Cell cell) {
            this.cell = cell;
        }

        Server from(Server first, @Nullable Cell following) throws Exception {
            incumbent = first.process;
            try (FaultClients clients = FaultClients.start(port, CLIENTS)) {
                try {
                    clients.awaitServedBy(incumbent.pid());
                    clients.awaitProbes(incumbent.pid());
                    strike(clients);
                    ChildProcess server = settled();
                    liftLimits();
                    clients.awaitServedBy(server.pid());
                    clients.awaitProbes(server.pid());
                    upgradeOnceMore(server, following, clients);
                    verify(clients);
                } finally {
                    clientsSaid = clients.describe();
                }
            }
            return new Server(next);
        }

        private void strike(FaultClients clients) throws Exception {
            successor = start("successor", cell.strikesIncumbent() ? null : cell, port, cell);
            struck().await("struck", LIMIT);
            if (cell.kind() == Kind.STOP) {
                awaitStopped(struck());
                awaitDecision(clients);
                struck().signal("CONT");
            }
        }

        /** It tells of the strike before it sends itself the signal. */
        private void awaitStopped(ChildProcess process) throws IOException, InterruptedException {
            Path status = Path.of("/proc", String.valueOf(process.pid()), "stat");
            long deadline = System.nanoTime() + LIMIT.toNanos();
            while (!Files.readString(status).contains(") T ")) {
                assertThat(System.nanoTime() - deadline).as("time to stop").isNegative();
                TimeUnit.MILLISECONDS.sleep(2);
            }
        }

        private ChildProcess struck() {
            return cell.strikesIncumbent() ? incumbent : successor;
        }

        /** The other one does not wait for ever, and goes on without the one that hangs. */
        private void awaitDecision(FaultClients clients) throws Exception {
            if (cell.strikesIncumbent()) {
                if (cell.successorServes()) {
                    successor.await("ready", LIMIT);
                    clients.awaitProbes(successor.pid());
                } else {
                    successor.awaitExit(LIMIT);
                }
            } else if (cell.successorServes()) {
                incumbent.await("handed-over", LIMIT);
            } else if (cell.isGreeted()) {
                incumbent.await("upgrade-failed", LIMIT);
                clients.awaitProbes(incumbent.pid());
                if (!cell.someMayEnd()) {
                    clients.awaitServedBy(incumbent.pid());
                }
            } else {
                incumbent.awaitOutput("no HELLO within", LIMIT);
            }
        }

        /** Waits until one process serves and the other one is gone, and returns the one that serves. */
        private ChildProcess settled() throws InterruptedException {
            boolean killed = cell.kind() == Kind.KILL;
            if (cell.isOpen() ? isHandedOver() : cell.successorServes()) {
                successor.await("ready", LIMIT);
                assertThat(incumbent.awaitExit(LIMIT))
                        .as("exit status of the incumbent")
                        .isIn(killed ? Set.of(KILLED) : cell.kind() == Kind.TERM ? Set.of(0, STOPPED) : Set.of(0));
                assertThat(successor.isAlive()).as("the successor lives").isTrue();
                return successor;
            }
            if (cell.isGreeted()) {
                incumbent.await("upgrade-failed", LIMIT);
            }
            assertThat(successor.awaitExit(LIMIT))
                    .as("exit status of the successor")
                    .isEqualTo(killed ? KILLED : 1);
            assertThat(incumbent.isAlive()).as("the incumbent lives").isTrue();
            return incumbent;
        }

        private boolean isHandedOver() throws InterruptedException {
            ChildProcess.Event end = incumbent.awaitAny(Set.of("handed-over", "upgrade-failed"), 1, LIMIT);
            return end.line().event().equals("handed-over");
        }

        private void liftLimits() throws IOException, InterruptedException {
            if (cell.kind() == Kind.FILES && struck().isAlive()) {
                new ProcessBuilder("prlimit", "--pid", String.valueOf(struck().pid()), "--nofile=1024:")
                        .inheritIO()
                        .start()
                        .waitFor();
            }
        }

        private void upgradeOnceMore(ChildProcess server, @Nullable Cell following, FaultClients clients)
                throws Exception {
            boolean struckNext = following != null && following.strikesIncumbent();
            next = start("next", struckNext ? following : null, port, following);
            next.await("ready", LIMIT);
            server.await("handed-over", LIMIT);
            assertThat(server.awaitExit(LIMIT))
                    .as("exit status of the server after the next upgrade")
                    .isZero();
            clients.awaitServedBy(next.pid());
            clients.awaitProbes(next.pid());
        }

        private void verify(FaultClients clients) throws Exception {
            clients.end();
            clients.assertNothingWrong(cell.startsCold());
            if (!cell.someMayEnd()) {
                clients.assertNoStreamBroken();
                if (cell.kind() != Kind.KILL) {
                    clients.assertNoProbeBroken();
                }
            }
        }

        private void kill() {
            processes().forEach(ChildProcess::kill);
        }

        private List<ChildProcess> processes() {
            return Stream.of(incumbent, successor, next)
                    .filter(Objects::nonNull)
                    .toList();
        }

        private String describe() {
            StringBuilder all = new StringBuilder("clients: ").append(clientsSaid);
            for (ChildProcess process : processes()) {
                all.append("\n---- ").append(process.name()).append(", pid ").append(process.pid());
                all.append(process.isAlive() ? "" : " (ended)").append('\n').append(process.output());
            }
            return all.toString();
        }
    }
}
