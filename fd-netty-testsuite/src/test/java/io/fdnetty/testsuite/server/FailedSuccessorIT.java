package io.fdnetty.testsuite.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.testsuite.demo.StreamingClients;
import io.fdnetty.testsuite.process.Jdks;
import io.fdnetty.testsuite.process.Programs;
import io.fdnetty.testsuite.server.TroubledServer.Trouble;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A successor that fails leaves everything with the incumbent, and the next one succeeds. */
class FailedSuccessorIT {
    private static final Duration LIMIT = Duration.ofSeconds(40);
    private static final int CLIENTS = 50;
    private static final int MANY_CLIENTS = 400;
    private static final int CRASH_AFTER = 150;

    @RegisterExtension
    final Programs programs = new Programs();

    @Test
    @Tag("long")
    void oneThatCrashesBeforeItIsReadyChangesNothing() throws Exception {
        ChildProcess incumbent = server("incumbent", Trouble.NONE);
        try (StreamingClients clients = StreamingClients.start(port(incumbent), CLIENTS)) {
            ChildProcess successor = server("successor", Trouble.CRASH);
            successor.awaitExit(LIMIT);

            assertServesOnAndIsRelieved(incumbent, clients);
        }
    }

    @Test
    @Tag("long")
    void oneThatHangsBeforeItIsReadyChangesNothing() throws Exception {
        ChildProcess incumbent = server("incumbent", Trouble.NONE);
        try (StreamingClients clients = StreamingClients.start(port(incumbent), CLIENTS)) {
            ChildProcess successor = server("successor", Trouble.HANG);
            successor.await("listening", LIMIT);
            successor.signal("STOP");

            assertServesOnAndIsRelieved(incumbent, clients);
        }
    }

    @Test
    @Tag("long")
    void oneThatRefusesChangesNothing() throws Exception {
        ChildProcess incumbent = server("incumbent", Trouble.NONE);
        try (StreamingClients clients = StreamingClients.start(port(incumbent), CLIENTS)) {
            ChildProcess successor = server("successor", Trouble.REFUSE);

            assertThat(incumbent.await("upgrade-failed", LIMIT).line().get("reason"))
                    .contains("not today");
            assertThat(successor.awaitExit(LIMIT)).isEqualTo(1);
            assertServesOnAndIsRelieved(incumbent, clients);
        }
    }

    @Test
    void whatOneThatCrashesAmongTheConnectionsDidNotAcknowledgeLivesOn() throws Exception {
        ChildProcess incumbent = server("incumbent", Trouble.NONE);
        try (StreamingClients clients = StreamingClients.start(port(incumbent), MANY_CLIENTS)) {
            ChildProcess successor = server("successor", Trouble.CRASH_AMONG_CONNECTIONS);
            assertThat(successor.awaitExit(LIMIT)).isEqualTo(9);
            incumbent.await("upgrade-failed", LIMIT);
            clients.awaitProgress(MANY_CLIENTS);
            clients.awaitProbes(3);

            ChildProcess next = server("next", Trouble.NONE);
            next.await("ready", LIMIT);
            long moved = incumbent.await("handed-over", LIMIT).line().number("moved");
            assertThat(incumbent.awaitExit(LIMIT)).isZero();
            clients.awaitProgress(MANY_CLIENTS);
            long died = clients.assertSurvivorsNoticedNothing();

            assertThat(died).as("clients whose owner died").isLessThan(MANY_CLIENTS);
            assertThat(moved).isGreaterThanOrEqualTo(MANY_CLIENTS - died);
        }
    }

    private void assertServesOnAndIsRelieved(ChildProcess incumbent, StreamingClients clients)
            throws InterruptedException {
        incumbent.await("upgrade-failed", LIMIT);
        clients.awaitProgress(CLIENTS);
        clients.awaitProbes(3);

        ChildProcess next = server("next", Trouble.NONE);
        next.await("ready", LIMIT);
        assertThat(incumbent.await("handed-over", LIMIT).line().number("moved")).isGreaterThanOrEqualTo(CLIENTS);
        assertThat(incumbent.awaitExit(LIMIT)).isZero();
        clients.awaitProgress(CLIENTS);
        clients.assertNothingNoticed();
    }

    private ChildProcess server(String name, Trouble trouble) {
        return programs.main(
                name,
                Jdks.current(),
                TroubledServer.class,
                programs.path("s").toString(),
                trouble.name(),
                String.valueOf(CRASH_AFTER));
    }

    private static long port(ChildProcess server) throws InterruptedException {
        return server.await("listening", LIMIT).line().number("port");
    }
}
