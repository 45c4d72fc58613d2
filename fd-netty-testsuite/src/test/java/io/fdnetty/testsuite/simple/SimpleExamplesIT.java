package io.fdnetty.testsuite.simple;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.examples.simple.EchoServer;
import io.fdnetty.examples.simple.HttpServer;
import io.fdnetty.examples.simple.NumberedLines;
import io.fdnetty.examples.simple.PassedListener;
import io.fdnetty.examples.simple.TcpProxy;
import io.fdnetty.examples.simple.WebSocketServer;
import io.fdnetty.testsuite.process.Jdks;
import io.fdnetty.testsuite.process.Programs;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Each one-file example is upgraded while a client talks to it over one connection without a pause, and notices
 * nothing.
 */
class SimpleExamplesIT {
    private static final Duration LIMIT = Duration.ofSeconds(40);
    private static final int ENOUGH = 50;
    private static final String SERVING = "serving ";

    @RegisterExtension
    final Programs programs = new Programs();

    private ChildProcess old;
    private ChildProcess fresh;

    @Test
    void theEchoServerOfTheReadme() throws Exception {
        upgrade(EchoServer.class, SimpleExamplesIT::echo);
    }

    @Test
    @Tag("long")
    void http() throws Exception {
        upgrade(HttpServer.class, (in, out, number) -> {
            out.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(UTF_8));
            assertThat(in.readLine()).isEqualTo("HTTP/1.1 200 OK");
            String last = "";
            for (String line = in.readLine(); !line.isEmpty(); line = in.readLine()) {
                last = line;
            }
            assertThat(last).startsWith("content-length: ");
            return sender(in.readLine(), "Hello from process ");
        });
    }

    @Test
    @Tag("long")
    void webSocket() throws Exception {
        old = start("old", WebSocketServer.class, "0");
        try (SocketTalk talk = SocketTalk.with(port(old))) {
            talk.exchange("before", old.pid());
            fresh = start("new", WebSocketServer.class, "0");
            talk.exchangeUntil(fresh.pid(), LIMIT);
            assertThat(old.awaitExit(LIMIT)).isZero();
            talk.exchange("after", fresh.pid());
        }
    }

    @Test
    @Tag("long")
    void theProxyAndBothOfItsConnections() throws Exception {
        try (EchoBackend backend = EchoBackend.start()) {
            upgrade(TcpProxy.class, SimpleExamplesIT::echo, "127.0.0.1", String.valueOf(backend.port()));
            assertThat(backend.accepted()).as("connections to the backend").isEqualTo(1);
        }
    }

    @Test
    @Tag("long")
    void aHandlerAndItsState() throws Exception {
        upgrade(NumberedLines.class, (in, out, number) -> {
            if (number == 1) {
                assertThat(in.readLine()).isEqualTo("Your name?");
                out.write("Ada\n".getBytes(UTF_8));
            }
            out.write(("hello " + number + "\n").getBytes(UTF_8));
            assertThat(in.readLine()).isEqualTo("Ada, line " + number + ": hello " + number);
            return SteadyClient.NOBODY;
        });
    }

    /** Its live connections end with the old process; every new one is served. */
    @Test
    @Tag("long")
    void aListenerThatIsPassed() throws Exception {
        old = start("giver", PassedListener.class, "0");
        int port = port(old);
        oneExchange(port);
        fresh = start("taker", PassedListener.class);
        assertThat(port(fresh)).isEqualTo(port);
        old.kill();
        oneExchange(port);
    }

    private static void oneExchange(int port) throws Exception {
        try (SteadyClient client = SteadyClient.start(port, SimpleExamplesIT::echo)) {
            client.awaitExchanges(1, LIMIT);
        }
    }

    private void upgrade(Class<?> program, SteadyClient.Exchange exchange, String... more) throws Exception {
        String[] arguments = Stream.concat(Stream.of("0"), Stream.of(more)).toArray(String[]::new);
        old = start("old", program, arguments);
        try (SteadyClient client = SteadyClient.start(port(old), exchange)) {
            client.awaitExchanges(ENOUGH, LIMIT);
            fresh = start("new", program, arguments);
            assertThat(port(fresh)).isEqualTo(client.port());
            assertThat(old.awaitExit(LIMIT)).isZero();
            client.awaitExchanges(ENOUGH, LIMIT);
            assertThat(client.lastAnswerer()).isIn(SteadyClient.NOBODY, fresh.pid());
        }
    }

    private ChildProcess start(String name, Class<?> program, String... arguments) {
        List<String> all = new ArrayList<>(List.of(programs.path("upgrade.sock").toString()));
        all.addAll(List.of(arguments));
        return programs.main(name, Jdks.ofGeneration(old == null ? 1 : 2), program, all.toArray(String[]::new));
    }

    /** Waits until it serves. */
    private static int port(ChildProcess server) throws InterruptedException {
        String output = server.awaitOutput(SERVING, LIMIT);
        String address =
                output.substring(output.indexOf(SERVING)).lines().findFirst().orElseThrow();
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    /** Which process answered. */
    private static long sender(String line, String before) {
        assertThat(line).startsWith(before);
        return Long.parseLong(line.substring(before.length()));
    }

    private static long echo(BufferedReader in, OutputStream out, long number) throws IOException {
        out.write(("message " + number + "\n").getBytes(UTF_8));
        assertThat(in.readLine()).isEqualTo("message " + number);
        return SteadyClient.NOBODY;
    }
}
