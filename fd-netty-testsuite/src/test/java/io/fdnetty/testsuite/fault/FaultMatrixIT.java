package io.fdnetty.testsuite.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.testsuite.fault.FaultTable.Cell;
import io.fdnetty.testsuite.process.Programs;
import io.fdnetty.testsuite.process.Tools;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Each fault at each step of the protocol, on either side, with real processes and clients: who owns what afterwards is
 * what the table in {@code docs/guarantees.md} says, surviving connections lose nothing and have one owner, and the
 * next upgrade succeeds.
 *
 * <p>{@code -Dfault.cells=REGEX} runs those whose description the expression finds.
 */
@Tag("matrix")
class FaultMatrixIT {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Duration LONGEST = Duration.ofMinutes(20);
    private static final int LANES = Integer.getInteger("fault.lanes", 3);
    private static final int TOGETHER_LANES = 1;
    private static final Set<String> BOOKKEEPING = Set.of("StartDeadline", "CancelDeadline", "Discard");

    @RegisterExtension
    final Programs programs = new Programs();

    @TestFactory
    Stream<DynamicTest> whatMustHappenHappens() throws Exception {
        Tools.require("prlimit");
        FaultServers servers = new FaultServers(programs);
        Set<String> eachAsItCan = passed(servers, false);
        Set<String> together = passed(servers, true);
        List<DynamicTest> tests = new ArrayList<>();
        tests.add(DynamicTest.dynamicTest("the table has every step of an upgrade", () -> {
            assertThat(FaultTable.points(false)).containsAll(eachAsItCan);
            assertThat(FaultTable.points(true)).containsAll(stepsOf(together, eachAsItCan));
        }));
        start(servers)
                .forEach((cell, result) -> tests.add(DynamicTest.dynamicTest(cell.toString(), () -> get(result))));
        return tests.stream();
    }

    /** What is passed only where all move together. */
    private static Set<String> stepsOf(Set<String> together, Set<String> eachAsItCan) {
        Set<String> more = new TreeSet<>(together);
        more.removeAll(eachAsItCan);
        return more;
    }

    /** The points that a process passes which takes over and hands over, undisturbed. */
    private Set<String> passed(FaultServers servers, boolean together) throws Exception {
        String socket = together ? "recorded-together" : "recorded";
        ChildProcess first = servers.server("first", null, socket, 0, null, together);
        first.await("ready", LIMIT);
        int port = (int) first.await("listening", LIMIT).line().number("port");
        try (FaultClients clients = FaultClients.start(port, 8)) {
            ChildProcess recorder = servers.recorder(socket, port, together);
            recorder.await("ready", LIMIT);
            assertThat(first.awaitExit(LIMIT)).isZero();
            clients.awaitServedBy(recorder.pid());
            ChildProcess last = servers.server("last", null, socket, port, null, together);
            last.await("ready", LIMIT);
            assertThat(recorder.awaitExit(LIMIT)).isZero();
            clients.awaitServedBy(last.pid());
            clients.end();
            clients.assertNothingWrong(false);
            clients.assertNoStreamBroken();
            clients.assertNoProbeBroken();
            last.kill();
            return points(recorder);
        }
    }

    private static Set<String> points(ChildProcess process) {
        Set<String> points = new TreeSet<>();
        for (ChildProcess.Event event : process.events("point")) {
            String point = String.valueOf(event.line().get("name"));
            if (!BOOKKEEPING.contains(point.substring(point.indexOf('.') + 1))) {
                points.add(point);
            }
        }
        return points;
    }

    /** Begins to do all cells, some side by side: most of them wait most of the time. */
    private static Map<Cell, CompletableFuture<Void>> start(FaultServers servers) throws Exception {
        Pattern wanted = Pattern.compile(System.getProperty("fault.cells", ""));
        Map<Cell, CompletableFuture<Void>> results = new LinkedHashMap<>();
        FaultTable.cells().stream()
                .filter(cell -> wanted.matcher(cell.toString()).find())
                .forEach(cell -> results.put(cell, new CompletableFuture<>()));
        start(servers, results, false, LANES);
        start(servers, results, true, TOGETHER_LANES);
        return results;
    }

    private static void start(
            FaultServers servers, Map<Cell, CompletableFuture<Void>> results, boolean together, int lanes) {
        List<Cell> cells = new ArrayList<>(results.keySet().stream()
                .filter(cell -> cell.isTogether() == together)
                .toList());
        Collections.shuffle(cells, new Random(1)); // those that wait long are spread
        Queue<Cell> queue = new ConcurrentLinkedQueue<>(cells);
        for (int i = 0; i < lanes; i++) {
            String socket = (together ? "together-" : "lane-") + i;
            Thread lane = new Thread(new FaultLane(servers, socket, together, queue, results), socket);
            lane.setDaemon(true);
            lane.start();
        }
    }

    private static void get(CompletableFuture<Void> result) throws Throwable {
        try {
            result.get(LONGEST.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw e.getCause();
        }
    }
}
