package io.fdnetty.testsuite.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.examples.server.EventLine;
import io.fdnetty.testsuite.demo.StreamingClients;
import io.fdnetty.testsuite.process.Jdks;
import io.fdnetty.testsuite.process.Programs;
import io.fdnetty.testsuite.process.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A user who may have no more threads: a successor that cannot start all of its own does not get ready. */
class ThreadLimitIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int CLIENTS = 50;
    private static final int WORKERS = 60;
    /** What a Java runtime and the upgrade itself need, but not all the workers. */
    private static final int ENOUGH_TO_START = 40;
    /** The limit counts all threads of a user, so this one has no others. */
    private static final long USER = 60_000 + ProcessHandle.current().pid() % 5_000;

    @RegisterExtension
    final Programs programs = new Programs();

    @BeforeEach
    void onlyRootBecomesAnotherUser() throws IOException {
        assumeTrue(System.getProperty("user.name").equals("root"), "needs root");
        Files.setAttribute(programs.path("s").getParent(), "unix:uid", (int) USER);
    }

    @Test
    void aSuccessorWhoseWorkersCannotStartSaysSoBeforeItIsReadyAndTheServerServesOn() throws Exception {
        ChildProcess server = programs.command("server", asUser(echo()));
        server.await("ready", LIMIT);
        try (StreamingClients clients = StreamingClients.start(port(server), CLIENTS)) {
            long threads = threads(server) + ENOUGH_TO_START;
            ChildProcess successor = programs.command("successor", asUser(limited(threads, echo())));

            assertThat(successor.awaitExit(LIMIT)).isEqualTo(1);
            EventLine failed = successor.await("upgrade-failed", LIMIT).line();
            assertThat(failed.get("step")).isEqualTo("threads");
            assertThat(failed.get("reason")).contains("listener \"echo\"", "ulimit -u", "is " + threads);
            assertThat(server.await("upgrade-failed", LIMIT).line().get("reason"))
                    .contains("ulimit -u");
            assertThat(successor.events("ready")).isEmpty();
            clients.awaitProgress(CLIENTS);

            ChildProcess next = programs.command("next", asUser(echo()));
            next.await("ready", LIMIT);
            assertThat(server.await("handed-over", LIMIT).line().number("moved"))
                    .isGreaterThanOrEqualTo(CLIENTS);
            clients.awaitProgress(CLIENTS);
            clients.assertNothingNoticed();
        }
    }

    @Test
    @Tag("long")
    void whateverTheLimitIsASuccessorEndsAndTheServerServesOn() throws Exception {
        ChildProcess server = programs.command("server", asUser(echo()));
        server.await("ready", LIMIT);
        try (StreamingClients clients = StreamingClients.start(port(server), CLIENTS)) {
            long running = threads(server);
            for (int more = 12; more < ENOUGH_TO_START; more += 3) {
                ChildProcess successor = programs.command("with " + more, asUser(limited(running + more, echo())));
                assertThat(successor.awaitExit(LIMIT))
                        .as("%s more threads", more)
                        .isNotZero();
                assertThat(successor.events("ready")).isEmpty();
            }
            clients.awaitProgress(CLIENTS);
            clients.awaitProbes(3);
            clients.assertNothingNoticed();
        }
    }

    private List<String> echo() {
        String socket = programs.path("s").toString();
        List<String> command = new ArrayList<>(Jdks.current()
                .jar(
                        Path.of(System.getProperty("fdnetty.examples.jar", "fd-netty-examples.jar")),
                        List.of("echo", "--port", "0", "--upgrade", socket, "--drain", "10")));
        command.addAll(
                1, List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dio.netty.eventLoopThreads=" + WORKERS));
        return command;
    }

    private static List<String> limited(long threads, List<String> command) {
        List<String> all = new ArrayList<>(List.of(Tools.require("prlimit").toString(), "--nproc=" + threads));
        all.addAll(command);
        return all;
    }

    /** As a user who may read what we may read. */
    private static List<String> asUser(List<String> command) {
        String user = String.valueOf(USER);
        List<String> all = new ArrayList<>(
                List.of(Tools.require("setpriv").toString(), "--reuid", user, "--regid", user, "--clear-groups"));
        all.addAll(List.of("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"));
        all.addAll(command);
        return all;
    }

    private static long threads(ChildProcess process) throws IOException {
        return Files.readAllLines(Path.of("/proc", String.valueOf(process.pid()), "status")).stream()
                .filter(line -> line.startsWith("Threads:"))
                .mapToLong(line ->
                        Long.parseLong(line.substring("Threads:".length()).strip()))
                .findAny()
                .orElseThrow();
    }

    private static long port(ChildProcess server) throws InterruptedException {
        return server.await("listening", LIMIT).line().number("port");
    }
}
