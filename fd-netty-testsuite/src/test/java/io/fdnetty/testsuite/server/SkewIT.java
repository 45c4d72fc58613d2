package io.fdnetty.testsuite.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.examples.process.JavaRuntime;
import io.fdnetty.testsuite.demo.StreamingClients;
import io.fdnetty.testsuite.process.Programs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Processes of two versions of the library and of the program upgrade to each other, forwards and back, and what one of
 * them does not know is treated as docs/protocol.md says.
 */
@Tag("long")
class SkewIT {
    private static final Duration LIMIT = Duration.ofSeconds(40);
    private static final int CLIENTS = 20;
    private static final List<String> QUICK = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");
    private static final List<String> RUDE = List.of("-Dskew.rude=true");

    @TempDir
    static Path directory;

    private static Path next;

    @RegisterExtension
    final Programs programs = new Programs();

    @BeforeAll
    static void compileTheNextVersion() throws Exception {
        next = NextVersion.compile(directory);
    }

    @Test
    void forwardsAndBackClientsNoticeNothing() throws Exception {
        ChildProcess first = old("first");
        EchoClient news = FrameClient.tcp(first.await("news", LIMIT).line().number("port"));
        try (StreamingClients clients = StreamingClients.start(port(first), CLIENTS)) {
            news.exchange();
            ChildProcess second = relieve(first, next("second"), CLIENTS + 1, clients);
            assertThat(loaded(second)).containsExactly("base");
            assertThat(heard(second)).isEmpty();
            news.exchange();

            ChildProcess third = relieve(second, next("third"), CLIENTS + 1, clients);
            assertThat(loaded(third)).containsExactly("base", "extra", "last");
            assertThat(heard(third)).containsExactly("NOTE", "SEAL");
            assertThat(heard(second)).containsExactly("NOTE", "SEAL");
            news.exchange();

            ChildProcess fourth = old("fourth");
            fourth.await("ready", LIMIT);
            assertThat(third.await("handed-over", LIMIT).line().number("kept")).isEqualTo(1);
            assertThat(loaded(fourth)).containsExactly("base");
            assertThat(fourth.output()).contains("news has version 2, version 1 can be taken");
            news.exchange();
            news.close();
            assertThat(third.awaitExit(LIMIT)).isZero();
            clients.awaitProgress(CLIENTS);

            assertFails(fourth, next("rude", RUDE), "unknown frame type 19");
            assertFails(fourth, next("forgetful", List.of("-Dskew.min=2")), "NO_COMMON_VERSION");
            clients.awaitProgress(CLIENTS);
            relieve(fourth, next("fifth"), CLIENTS, clients);
            clients.assertNothingNoticed();
        }
    }

    private ChildProcess relieve(ChildProcess incumbent, ChildProcess successor, int most, StreamingClients clients)
            throws Exception {
        successor.await("ready", LIMIT);
        assertThat(incumbent.await("handed-over", LIMIT).line().number("moved")).isGreaterThanOrEqualTo(most);
        assertThat(incumbent.awaitExit(LIMIT)).isZero();
        clients.awaitProgress(CLIENTS);
        return successor;
    }

    @Test
    void aRequiredSectionThatTheOlderVersionDoesNotKnowRefusesBeforeItIsReady() throws Exception {
        ChildProcess incumbent = next("incumbent", List.of(), SkewServer.VITAL);
        try (EchoClient client = FrameClient.tcp(port(incumbent))) {
            client.exchange();
            assertFails(incumbent, old("older"), "state section \"vital\": this version does not know it");
            client.exchange();
            next("newer", List.of(), SkewServer.VITAL).await("ready", LIMIT);
            assertThat(incumbent.awaitExit(LIMIT)).isZero();
            client.exchange();
        }
    }

    @Test
    void aMessageThatTheOlderVersionMustKnowAndDoesNotIsNamed() throws Exception {
        ChildProcess incumbent = next("incumbent", RUDE);
        try (EchoClient client = FrameClient.tcp(port(incumbent))) {
            client.exchange();
            assertFails(incumbent, old("older"), "unknown frame type 19");
            client.exchange();
        }
    }

    /** Both say why, and the incumbent serves on. */
    private static void assertFails(ChildProcess incumbent, ChildProcess successor, String why) throws Exception {
        assertThat(successor.awaitExit(LIMIT)).isEqualTo(1);
        assertThat(successor.await("upgrade-failed", LIMIT).line().get("reason"))
                .as(successor.output())
                .contains(why);
        assertThat(successor.events("ready")).isEmpty();
        incumbent.await("upgrade-failed", LIMIT);
        assertThat(incumbent.isAlive()).isTrue();
    }

    private static List<String> loaded(ChildProcess server) {
        return server.events("loaded").stream()
                .map(event -> event.line().get("section"))
                .toList();
    }

    private static List<String> heard(ChildProcess server) {
        return server.events("heard").stream()
                .map(event -> event.line().get("message"))
                .toList();
    }

    private ChildProcess old(String name) {
        return programs.main(
                name,
                JavaRuntime.current(),
                QUICK,
                SkewServer.class,
                programs.path("s").toString(),
                "1");
    }

    private ChildProcess next(String name) {
        return next(name, List.of());
    }

    private ChildProcess next(String name, List<String> options, String... more) {
        List<String> arguments = new ArrayList<>(List.of(programs.path("s").toString(), "2"));
        arguments.addAll(List.of(more));
        List<String> all = new ArrayList<>(QUICK);
        all.addAll(options);
        return programs.mainWith(name, next, all, SkewServer.class, arguments.toArray(String[]::new));
    }

    private static long port(ChildProcess server) throws InterruptedException {
        return server.await("listening", LIMIT).line().number("port");
    }
}
