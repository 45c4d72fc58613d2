package io.fdnetty.testsuite.server;

import static io.fdnetty.testsuite.server.TransportsServer.UDP;
import static io.fdnetty.testsuite.server.TransportsServer.UNIX;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.examples.process.JavaRuntime;
import io.fdnetty.examples.server.EventLine;
import io.fdnetty.testsuite.process.Jdks;
import io.fdnetty.testsuite.process.Programs;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A server with a unix domain listener, a UDP socket and two TCP listeners hands over all of them together. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class TransportsIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int EACH = 4;
    private static final String[] ALL = {"one", "two", UNIX, UDP};

    @RegisterExtension
    final Programs programs = new Programs();

    @Test
    void allGoOnTogether() throws Exception {
        allGoOnTogether(Jdks.current(), Jdks.current());
    }

    @Test
    @Tag("long")
    void allGoOnTogetherWithForeignCalls() throws Exception {
        JavaRuntime runtime = Jdks.withForeignCalls();
        allGoOnTogether(runtime, runtime, runtime);
    }

    @Test
    @Tag("long")
    void allGoOnTogetherWithoutForeignCalls() throws Exception {
        JavaRuntime runtime = Jdks.withoutForeignCalls();
        allGoOnTogether(runtime, runtime, runtime);
    }

    @Test
    @Tag("long")
    void allGoOnTogetherFromOldToNewAndBack() throws Exception {
        allGoOnTogether(Jdks.withoutForeignCalls(), Jdks.withForeignCalls(), Jdks.withoutForeignCalls());
    }

    private void allGoOnTogether(JavaRuntime... generations) throws Exception {
        ChildProcess server = server(generations[0], ALL);
        EventLine listening = server.await("listening", LIMIT).line();
        server.await("ready", LIMIT);
        Object inode = inode();
        try (Traffic traffic = traffic(listening)) {
            for (int generation = 2; generation <= generations.length; generation++) {
                ChildProcess successor = server(generations[generation - 1], ALL);

                assertThat(successor.await("ready", LIMIT).line().number("generation"))
                        .isEqualTo(generation);
                EventLine handedOver = server.await("handed-over", LIMIT).line();
                assertThat(handedOver.number("moved")).isEqualTo(3 * EACH);
                assertThat(handedOver.number("kept")).isZero();
                assertThat(server.awaitExit(LIMIT)).isZero();
                assertThat(successor.events("note")).isEmpty();

                traffic.awaitExchanges(20);
                assertServesNewClients(listening);
                assertThat(inode()).isEqualTo(inode);
                assertSameAddresses(successor, listening);
                server = successor;
            }
        }
    }

    @Test
    @Tag("long")
    void whatTheSuccessorDoesNotAskForIsClosedAndNamed() throws Exception {
        ChildProcess incumbent = server(Jdks.current(), ALL);
        EventLine listening = incumbent.await("listening", LIMIT).line();
        incumbent.await("ready", LIMIT);
        try (Traffic traffic = traffic(listening)) {
            ChildProcess successor = server(Jdks.current(), "one", UNIX, UDP);
            successor.await("ready", LIMIT);

            EventLine handedOver = incumbent.await("handed-over", LIMIT).line();
            assertThat(handedOver.number("moved")).isEqualTo(2 * EACH);
            assertThat(handedOver.number("kept")).isEqualTo(EACH);
            assertThat(notes(successor)).anyMatch(note -> note.contains("\"two (TCP_LISTENER"));
            successor.awaitOutput("WARN", LIMIT);
            long two = listening.number("two");
            assertThatThrownBy(() -> FrameClient.tcp(two)).isInstanceOf(ConnectException.class);

            traffic.awaitExchanges(20); // its connections live on in the old process
            assertThat(incumbent.isAlive()).isTrue();
            traffic.remove("two");
            assertThat(incumbent.awaitExit(LIMIT)).isZero();
            traffic.awaitExchanges(20);
        }
    }

    @Test
    @Tag("long")
    void whatIsAskedForAgainIsOpenedAnew() throws Exception {
        ChildProcess first = server(Jdks.current(), ALL);
        EventLine listening = first.await("listening", LIMIT).line();
        first.await("ready", LIMIT);
        try (Traffic traffic = new Traffic()) {
            traffic.add("one", EACH, () -> FrameClient.tcp(listening.number("one")));

            ChildProcess second = server(Jdks.current(), "one");
            second.await("ready", LIMIT);
            assertThat(first.awaitExit(LIMIT)).isZero();
            assertThat(notes(second))
                    .anyMatch(note -> note.contains(UNIX + " (UNIX_LISTENER"))
                    .anyMatch(note -> note.contains(UDP + " (UDP"))
                    .anyMatch(note -> note.contains("two (TCP_LISTENER"));
            assertThatThrownBy(() -> FrameClient.unix(path())).isInstanceOf(SocketException.class);

            ChildProcess third = server(Jdks.current(), ALL);
            third.await("ready", LIMIT);
            assertThat(second.awaitExit(LIMIT)).isZero();
            assertServesNewClients(third.await("listening", LIMIT).line());
            traffic.awaitExchanges(20);
        }
    }

    private Traffic traffic(EventLine listening) throws IOException, InterruptedException {
        Traffic traffic = new Traffic();
        traffic.add("one", EACH, () -> FrameClient.tcp(listening.number("one")));
        traffic.add("two", EACH, () -> FrameClient.tcp(listening.number("two")));
        traffic.add(UNIX, EACH, () -> FrameClient.unix(path()));
        traffic.add(UDP, EACH, () -> new DatagramClient(listening.number(UDP)));
        traffic.awaitExchanges(5);
        return traffic;
    }

    private void assertServesNewClients(EventLine listening) throws IOException {
        try (EchoClient one = FrameClient.tcp(listening.number("one"));
                EchoClient two = FrameClient.tcp(listening.number("two"));
                EchoClient unix = FrameClient.unix(path());
                EchoClient udp = new DatagramClient(listening.number(UDP))) {
            for (EchoClient each : List.of(one, two, unix, udp)) {
                each.exchange();
            }
        }
    }

    private static void assertSameAddresses(ChildProcess successor, EventLine listening) throws InterruptedException {
        EventLine now = successor.await("listening", LIMIT).line();
        for (String name : ALL) {
            assertThat(now.get(name)).as(name).isNotEmpty().isEqualTo(listening.get(name));
        }
    }

    /** What the report says to an operator; it is told after the event ready. */
    private static List<String> notes(ChildProcess successor) throws InterruptedException {
        successor.await("note", LIMIT);
        return successor.events("note").stream()
                .map(note -> note.line().get("text"))
                .toList();
    }

    private Object inode() throws IOException {
        return Files.getAttribute(path(), "unix:ino");
    }

    private Path path() {
        return programs.path("u");
    }

    private ChildProcess server(JavaRuntime runtime, String... listeners) {
        List<String> arguments = new ArrayList<>(List.of(programs.path("s").toString(), path().toString()));
        arguments.addAll(List.of(listeners));
        return programs.main(
                "server of Java " + runtime.feature(),
                runtime,
                TransportsServer.class,
                arguments.toArray(String[]::new));
    }
}
