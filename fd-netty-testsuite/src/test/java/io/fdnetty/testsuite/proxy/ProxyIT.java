package io.fdnetty.testsuite.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.examples.proxy.RawPeer;
import io.fdnetty.examples.proxy.ScriptedBackend;
import io.fdnetty.testsuite.process.Jdks;
import io.fdnetty.testsuite.process.Programs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The program: a successor that is started by SIGHUP, and one that is started by hand. */
class ProxyIT {
    private static final Duration LIMIT = Duration.ofSeconds(40);
    private static final int CLIENTS = 12;

    /** Less than what an idle connection to the backend is kept. */
    private static final int SOON_MILLIS = 5_000;

    private static final Pattern REQUEST = Pattern.compile("Upgrade requested by pid (\\d+)");

    @RegisterExtension
    final Programs programs = new Programs();

    private ScriptedBackend backend;

    @BeforeEach
    void startBackend() throws Exception {
        backend = new ScriptedBackend();
    }

    @AfterEach
    void stopBackend() throws Exception {
        backend.close();
    }

    @Test
    void hangupStartsASuccessorThatTakesTheKeepAliveConnectionsAlong() throws Exception {
        backend.answerAll();
        ChildProcess first = proxy("http");
        try (RawPeer client = RawPeer.connect(port(first))) {
            assertAnswered(client, "GET /1");

            first.signal("HUP");
            long second = successorOf(first);
            try {
                assertThat(first.await("handed-over", LIMIT).line().number("kept"))
                        .isZero();
                assertThat(first.await("exit", LIMIT).line().number("status")).isZero();
                assertThat(second).isNotEqualTo(first.pid());
                assertAnswered(client, "POST /2");

                ProcessHandle successor = ProcessHandle.of(second).orElseThrow();
                hangup(second);
                successor.onExit().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
                assertAnswered(client, "GET /3");
            } finally {
                endAll();
            }
        }
    }

    @Test
    void aPairMovesWhileItsBytesFlow() throws Exception {
        ChildProcess first = proxy("tcp");
        try (RawPeer client = RawPeer.connect(port(first))) {
            RawPeer server = backend.accept();
            ChildProcess second = proxy("tcp");
            while (second.events("ready").isEmpty() || first.isAlive()) {
                client.sendRaw("to");
                assertThat(server.text(2)).isEqualTo("to");
                server.sendRaw("fro");
                assertThat(client.text(3)).isEqualTo("fro");
            }
            assertThat(first.awaitExit(LIMIT)).isZero();
            assertThat(first.await("handed-over", LIMIT).line().number("kept")).isZero();
            client.sendRaw("last").shutdownOutput();
            assertThat(server.rest()).isEqualTo("last");
        }
        assertThat(backend.connections()).isEqualTo(1);
    }

    /** Idle connections to the backend move to every event loop, so that each client meets one. */
    @Test
    @Tag("long")
    void aSuccessorThatNamesAnotherBackendAsksThatOneFromTheFirstRequestOn() throws Exception {
        ChildProcess first = proxy("http");
        List<RawPeer> clients = new ArrayList<>();
        List<RawPeer> idle = new ArrayList<>();
        try (ScriptedBackend other = new ScriptedBackend()) {
            for (int i = 0; i < CLIENTS; i++) {
                RawPeer client = RawPeer.connect(port(first));
                clients.add(client.send("GET /1 HTTP/1.1\nHost: a\n\n"));
                idle.add(backend.accept());
                idle.get(i).head();
            }
            for (int i = 0; i < CLIENTS; i++) {
                idle.get(i).send("HTTP/1.1 200 OK\nContent-Length: 3\n\nold");
                assertThat(clients.get(i).answer().body()).isEqualTo("old");
            }
            other.answerAll();

            ChildProcess second = proxy("http", other);
            assertThat(first.awaitExit(LIMIT)).isZero();
            assertThat(first.await("handed-over", LIMIT).line().number("moved")).isEqualTo(2L * CLIENTS);
            for (RawPeer client : clients) {
                assertAnswered(client, "GET /2");
            }
            for (RawPeer connection : idle) {
                connection.socket.setSoTimeout(SOON_MILLIS);
                connection.assertEnd();
            }
            assertThat(backend.connections()).isEqualTo(CLIENTS);
            assertThat(second.isAlive()).isTrue();
        } finally {
            for (RawPeer client : clients) {
                client.close();
            }
        }
    }

    /** A conversation that has begun goes on with whom it began. */
    @Test
    @Tag("long")
    void aPairStaysWithItsBackendWhenTheSuccessorNamesAnotherOne() throws Exception {
        ChildProcess first = proxy("tcp");
        try (ScriptedBackend other = new ScriptedBackend();
                RawPeer client = RawPeer.connect(port(first))) {
            RawPeer server = backend.accept();
            ChildProcess second = proxy("tcp", other);
            assertThat(first.awaitExit(LIMIT)).isZero();
            client.sendRaw("to");
            assertThat(server.text(2)).isEqualTo("to");
            try (RawPeer late = RawPeer.connect(port(second))) {
                late.sendRaw("new");
                assertThat(other.accept().text(3)).isEqualTo("new");
            }
        }
    }

    private static void assertAnswered(RawPeer client, String request) throws Exception {
        client.send(request + " HTTP/1.1\nHost: a\nContent-Length: 0\n\n");
        assertThat(client.answer().body()).isEqualTo(request + " HTTP/1.1");
    }

    /** Said by the server itself, while it lives: what its successor prints after its end is lost to this test. */
    private static long successorOf(ChildProcess server) throws InterruptedException {
        Matcher request = REQUEST.matcher(server.awaitOutput("Upgrade requested by pid", LIMIT));
        assertThat(request.find()).isTrue();
        return Long.parseLong(request.group(1));
    }

    private static void hangup(long pid) throws Exception {
        assertThat(new ProcessBuilder("kill", "-HUP", String.valueOf(pid))
                        .start()
                        .waitFor())
                .isZero();
    }

    /**
     * Successors are no children of this test, their parents have ended, and what they print is lost with those; but
     * they name its socket.
     */
    private void endAll() {
        String socket = programs.path("s").toString();
        ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").contains(socket))
                .forEach(process -> {
                    process.destroyForcibly();
                    process.onExit().join();
                });
    }

    private ChildProcess proxy(String mode) {
        return proxy(mode, backend);
    }

    private ChildProcess proxy(String mode, ScriptedBackend backend) {
        return programs.jar(
                "proxy",
                Jdks.current(),
                "proxy",
                "--listen",
                "127.0.0.1:0",
                "--backend",
                "127.0.0.1:" + backend.port(),
                "--mode",
                mode,
                "--upgrade",
                programs.path("s").toString(),
                "--drain",
                "5");
    }

    private static int port(ChildProcess proxy) throws InterruptedException {
        return (int) proxy.await("listening", LIMIT).line().number("port");
    }
}
