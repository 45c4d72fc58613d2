package io.fdnetty.testsuite.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.examples.server.EventLine;
import io.fdnetty.testsuite.demo.StreamingClients;
import io.fdnetty.testsuite.process.Jdks;
import io.fdnetty.testsuite.process.Length;
import io.fdnetty.testsuite.process.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Generation after generation under load, each started by the one before it: nothing accumulates. The system property
 * {@code fdnetty.generations} says how many.
 */
@Tag("long")
@Timeout(value = 1, unit = TimeUnit.HOURS)
class GenerationsIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int GENERATIONS = Integer.getInteger("fdnetty.generations", Length.of(12, 20));
    private static final int CLIENTS = 50;

    private static final List<String> LITTLE_MEMORY =
            List.of("-XX:TieredStopAtLevel=1", "-Xmx64m", "-XX:MaxDirectMemorySize=64m", "-XX:+ExitOnOutOfMemoryError");

    /** The probes of the clients come and go. */
    private static final int PROBES = 3;

    @RegisterExtension
    final Programs programs = new Programs();

    @Test
    void eachUsesAsMuchAsTheOneBefore() throws Exception {
        ChildProcess generations = start();
        long port = generations.await("listening", LIMIT).line().number("port");
        try (StreamingClients clients = StreamingClients.start(port, CLIENTS)) {
            for (int generation = 1; generation <= GENERATIONS; generation++) {
                relieve(generations, generation, clients);
            }
            clients.assertNothingNoticed();
        }
        List<EventLine> usages = generations.events("usage").stream()
                .map(ChildProcess.Event::line)
                .toList();
        List<EventLine> early =
                usages.subList(0, GENERATIONS / 2).stream().skip(1).limit(10).toList();
        List<EventLine> late = usages.subList(Math.max(GENERATIONS / 2, GENERATIONS - 10), GENERATIONS);
        tell(early, late);
        assertFlat(early, late);
        assertThat(programs.path("s").getParent().toFile().list()).containsExactlyInAnyOrder("s", "s.lock");
    }

    /** A generation that has not told anything yet is known by its command line alone. */
    @AfterEach
    void killTheLast() {
        String socket = programs.path("s").toString();
        ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").endsWith(" " + socket))
                .forEach(ProcessHandle::destroyForcibly);
    }

    /** The first; the others write to the same standard output, which is read to the end of the last one. */
    private ChildProcess start() {
        List<String> command = new ArrayList<>(List.of("sh", "-c", "\"$@\" | cat", "sh"));
        List<String> server = Jdks.current()
                .main(
                        System.getProperty("java.class.path"),
                        MeasuredServer.class.getName(),
                        List.of(programs.path("s").toString()));
        command.addAll(server);
        command.addAll(command.indexOf(server.get(0)) + 1, LITTLE_MEMORY);
        return programs.command("generations", command);
    }

    /** Lets a generation tell what it uses and start the next, and waits for its end. */
    private static void relieve(ChildProcess generations, int generation, StreamingClients clients) throws Exception {
        EventLine ready = generations.await("ready", generation, LIMIT).line();
        assertThat(ready.number("generation")).isEqualTo(generation);
        clients.awaitProgress(CLIENTS);
        long pid = ready.number("pid");
        hangUp(pid);
        EventLine usage = generations.await("usage", generation, LIMIT).line();
        assertThat(usage.number("pid")).isEqualTo(pid);
        assertThat(zombiesOf(pid, ProcessHandle.current().pid())).isEmpty();
        EventLine handedOver =
                generations.await("handed-over", generation, LIMIT).line();
        assertThat(handedOver.number("moved")).isGreaterThanOrEqualTo(CLIENTS);
        assertThat(handedOver.number("kept")).isZero();
        assertThat(generations.await("exit", generation, LIMIT).line().number("pid"))
                .isEqualTo(pid);
        generations.await("ready", generation + 1, LIMIT);
    }

    private static void hangUp(long pid) throws Exception {
        Process kill = new ProcessBuilder("kill", "-HUP", String.valueOf(pid))
                .inheritIO()
                .start();
        assertThat(kill.waitFor()).isZero();
    }

    /** Processes that have ended and for which one of these parents has not waited. */
    private static List<String> zombiesOf(long... parents) throws IOException {
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            return processes
                    .filter(path -> path.getFileName().toString().matches("\\d+"))
                    .map(GenerationsIT::stat)
                    .filter(stat -> LongStream.of(parents).anyMatch(parent -> stat.startsWith("Z " + parent + " ")))
                    .toList();
        }
    }

    /** State, parent and so on; see proc(5). */
    private static String stat(Path process) {
        try {
            String stat = Files.readString(process.resolve("stat"), UTF_8);
            return stat.substring(stat.lastIndexOf(')') + 2);
        } catch (IOException ended) {
            return "";
        }
    }

    private static void tell(List<EventLine> early, List<EventLine> late) {
        for (String what : List.of("descriptors", "threads", "heap", "direct", "state", "arguments", "environment")) {
            System.out.printf(
                    "generations 2-%d: %s %,d to %,d; the last %d of %d: %,d to %,d%n",
                    early.size() + 1,
                    what,
                    least(what, early),
                    most(what, early),
                    late.size(),
                    GENERATIONS,
                    least(what, late),
                    most(what, late));
        }
    }

    private static void assertFlat(List<EventLine> early, List<EventLine> late) {
        assertThat(most("descriptors", late)).isLessThanOrEqualTo(most("descriptors", early) + PROBES);
        assertThat(most("threads", late)).isLessThanOrEqualTo(most("threads", early) + 1);
        for (String memory : List.of("heap", "direct")) {
            assertThat(median(memory, late)).as(memory).isLessThanOrEqualTo(median(memory, early) * 11 / 10);
        }
        for (String same : List.of("state", "arguments", "environment")) {
            assertThat(Stream.concat(early.stream(), late.stream()).map(line -> line.number(same)))
                    .as(same)
                    .containsOnly(early.get(0).number(same));
        }
    }

    private static long least(String what, List<EventLine> usages) {
        return usages.stream().mapToLong(line -> line.number(what)).min().orElseThrow();
    }

    private static long most(String what, List<EventLine> usages) {
        return usages.stream().mapToLong(line -> line.number(what)).max().orElseThrow();
    }

    private static long median(String what, List<EventLine> usages) {
        return usages.stream()
                .mapToLong(line -> line.number(what))
                .sorted()
                .skip(usages.size() / 2)
                .findFirst()
                .orElseThrow();
    }
}
