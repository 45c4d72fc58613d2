package io.fdnetty.examples.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.examples.process.Jdks;
import io.fdnetty.examples.process.Programs;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The program: a successor that is started by SIGHUP, and one that is started by hand. */
class ProxyIT {
    private static final Duration LIMIT = Duration.ofSeconds(40);
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

    /** Successors are no children of this test, their parents have ended, and what they print is lost with those; but they name its socket. */
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
