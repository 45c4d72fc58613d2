package io.fdnetty.testsuite.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.examples.proxy.RawPeer;
import io.fdnetty.examples.proxy.ScriptedBackend;
import io.fdnetty.testsuite.process.Jdks;
import io.fdnetty.testsuite.process.Programs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Clients like {@code nc -N} and tools of HTTP/1.0 end their output after the request, and then read a big answer
 * slowly.
 */
@Timeout(120)
class HalfClosedClientIT {
    private static final Duration LIMIT = Duration.ofSeconds(40);
    private static final byte[] BODY = new byte[30_000_000];

    static {
        new Random(1).nextBytes(BODY);
    }

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

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "http"})
    @Tag("long")
    void gets30MegabytesWithoutAnUpgradeAndThroughOne(String mode) throws Exception {
        ChildProcess first = proxy(mode);
        int port = (int) first.await("listening", LIMIT).line().number("port");
        try (RawPeer client = ask(port)) {
            answer();
            client.head();
            assertIsRestOfBody(client, 0);
        }
        try (RawPeer client = ask(port)) {
            answer();
            client.head();
            int before = BODY.length / 4;
            assertThat(Arrays.equals(client.bytes(before), Arrays.copyOf(BODY, before)))
                    .isTrue();
            ChildProcess second = proxy(mode);
            second.await("ready", LIMIT);
            assertIsRestOfBody(client, before);
            assertThat(first.awaitExit(LIMIT)).isZero();
        }
    }

    private static RawPeer ask(int port) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(32 << 10);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return new RawPeer(socket).send("GET / HTTP/1.0\n\n").shutdownOutput();
    }

    private void answer() throws Exception {
        RawPeer server = backend.accept();
        server.head();
        Thread writer = new Thread(() -> answer(server), "backend answers");
        writer.setDaemon(true);
        writer.start();
    }

    private static void answer(RawPeer server) {
        try (server) {
            server.send("HTTP/1.0 200 OK\n\n").send(BODY).shutdownOutput();
            server.rest(); // or what the proxy sent and nobody read would turn the end into a reset
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void assertIsRestOfBody(RawPeer client, int from) throws IOException {
        byte[] rest = client.rest().getBytes(ISO_8859_1);
        assertThat(rest.length).isEqualTo(BODY.length - from);
        assertThat(Arrays.equals(rest, Arrays.copyOfRange(BODY, from, BODY.length)))
                .isTrue();
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
                "30");
    }
}
