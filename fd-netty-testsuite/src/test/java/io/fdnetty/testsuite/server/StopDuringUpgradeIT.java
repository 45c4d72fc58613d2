package io.fdnetty.testsuite.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.testsuite.demo.StreamingClients;
import io.fdnetty.testsuite.process.Jdks;
import io.fdnetty.testsuite.process.Programs;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * "Start the new one, then stop the old one": SIGTERM while the upgrade is under way. Its every step is in the fault
 * matrix.
 */
class StopDuringUpgradeIT {
    private static final Duration LIMIT = Duration.ofSeconds(40);
    private static final int SIGTERM_STATUS = 128 + 15;
    private static final int CLIENTS = 100;

    @RegisterExtension
    final Programs programs = new Programs();

    @Test
    void aServerThatIsStoppedWhileItsSuccessorSetsUpHandsOver() throws Exception {
        ChildProcess old = echo();
        try (StreamingClients clients = StreamingClients.start(port(old), CLIENTS)) {
            ChildProcess successor = echo();
            successor.await("listening", LIMIT);

            old.signal("TERM");

            successor.await("ready", LIMIT);
            assertThat(old.await("handed-over", LIMIT).line().number("moved")).isGreaterThanOrEqualTo(CLIENTS);
            assertThat(old.awaitExit(LIMIT)).isIn(0, SIGTERM_STATUS);
            clients.awaitProgress(CLIENTS);
            clients.awaitProbes(3);
            clients.assertNothingNoticed();
        }
    }

    @Test
    @Tag("long")
    void aServerThatIsStoppedWaitsForTheSuccessorThatItHasStarted() throws Exception {
        ChildProcess old = echo();
        try (StreamingClients clients = StreamingClients.start(port(old), CLIENTS)) {
            old.signal("HUP");
            awaitChild(old);

            old.signal("TERM");

            assertThat(old.await("handed-over", LIMIT).line().number("moved")).isGreaterThanOrEqualTo(CLIENTS);
            old.await("exit", LIMIT);
            clients.awaitProgress(CLIENTS);
            clients.awaitProbes(3);
            clients.assertNothingNoticed();
        }
        assertThat(old.await("ready", 2, LIMIT).line().number("generation")).isEqualTo(2);
    }

    @Test
    @Tag("long")
    void aServerThatIsStoppedEndsWhenTheSuccessorThatItHasStartedEnds() throws Exception {
        ChildProcess old = echo();
        port(old);
        old.signal("HUP");
        ProcessHandle successor = awaitChild(old);

        old.signal("TERM");
        successor.destroyForcibly();

        old.await("exit", LIMIT);
        assertThat(old.awaitExit(LIMIT)).isEqualTo(SIGTERM_STATUS);
        assertThat(programs.path("s")).doesNotExist();
        assertThat(echo().await("ready", LIMIT).line().number("generation")).isEqualTo(1);
    }

    private static ProcessHandle awaitChild(ChildProcess parent) throws Exception {
        ProcessHandle process = ProcessHandle.of(parent.pid()).orElseThrow();
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (process.children().findAny().isEmpty()) {
            assertThat(System.nanoTime() - deadline)
                    .as("time to start a process")
                    .isNegative();
            TimeUnit.MILLISECONDS.sleep(2);
        }
        return process.children().findAny().orElseThrow();
    }

    private ChildProcess echo() {
        String socket = programs.path("s").toString();
        return programs.jar("echo", Jdks.current(), "echo", "--port", "0", "--upgrade", socket, "--drain", "10");
    }

    private static long port(ChildProcess server) throws InterruptedException {
        server.await("ready", LIMIT);
        return server.await("listening", LIMIT).line().number("port");
    }
}
