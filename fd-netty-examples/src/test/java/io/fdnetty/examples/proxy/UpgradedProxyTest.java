package io.fdnetty.examples.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.UpgradeReport;
import io.fdnetty.testing.DescriptorLeaks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of connections when one generation of the proxy takes over from another; both run in this process. */
@ExtendWith(DescriptorLeaks.class)
class UpgradedProxyTest {
    private static final String GET = "GET /x HTTP/1.1\nHost: a\n\n";
    private static final String OK = "HTTP/1.1 200 OK\nContent-Length: 2\n\nok";

    @TempDir
    Path directory;

    private ScriptedBackend backend;

    @BeforeEach
    void start() throws Exception {
        backend = new ScriptedBackend();
    }

    @AfterEach
    void stop() throws Exception {
        backend.close();
    }

    private RunningProxy proxy(ProxyMode mode) throws Exception {
        return RunningProxy.start(directory.resolve("s"), mode, RunningProxy.settings(backend.port()));
    }

    private static UpgradeReport gone(RunningProxy old) throws Exception {
        return old.upgrader.handedOver().toCompletableFuture().get(15, TimeUnit.SECONDS);
    }

    @Test
    void aPairMovesAsOneWithMegabytesPendingBothWays() throws Exception {
        int size = 12 << 20;
        try (RunningProxy first = proxy(ProxyMode.TCP);
                RawPeer client = first.connect()) {
            RawPeer server = backend.accept();
            client.sendRaw("a");
            server.text(1);
            server.sendRaw("b");
            client.text(1);
            Thread up = sender(client, size);
            Thread down = sender(server, size);
            try (RunningProxy second = proxy(ProxyMode.TCP)) {
                assertThat(gone(first).kept()).isZero();
                assertThat(second.serving.generation()).isEqualTo(2);
                assertCounted(server, size);
                assertCounted(client, size);
                up.join();
                down.join();
                client.shutdownOutput();
                server.assertEnd();
                server.sendRaw("end").shutdownOutput();
                assertThat(client.rest()).isEqualTo("end");
            }
        }
        assertThat(backend.connections()).isEqualTo(1);
    }

    private static Thread sender(RawPeer peer, int size) {
        Thread thread = new Thread(() -> {
            try {
                peer.send(counted(size));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        thread.start();
        return thread;
    }

    private static byte[] counted(int size) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) (i ^ (i >> 8) ^ (i >> 16));
        }
        return bytes;
    }

    private static void assertCounted(RawPeer peer, int size) throws IOException {
        assertThat(Arrays.equals(peer.bytes(size), counted(size))).isTrue();
    }

    @Test
    void aHalfClosedPairStaysHalfClosed() throws Exception {
        try (RunningProxy first = proxy(ProxyMode.TCP);
                RawPeer client = first.connect()) {
            client.sendRaw("x").shutdownOutput();
            RawPeer server = backend.accept();
            assertThat(server.rest()).isEqualTo("x");
            try (RunningProxy second = proxy(ProxyMode.TCP)) {
                assertThat(gone(first).kept()).isZero();
                assertThat(second.serving.generation()).isEqualTo(2);
                server.sendRaw("still").shutdownOutput();
                assertThat(client.rest()).isEqualTo("still");
            }
        }
    }

    @Test
    void keepAliveAndIdleBackendConnectionsMoveBetweenRequests() throws Exception {
        try (RunningProxy first = proxy(ProxyMode.HTTP);
                RawPeer client = first.connect();
                RawPeer busy = first.connect()) {
            client.send(GET);
            RawPeer server = backend.accept();
            server.head();
            busy.send(GET);
            RawPeer other = backend.accept();
            other.head();
            server.send(OK);
            client.answer();
            try (RunningProxy second = proxy(ProxyMode.HTTP)) {
                client.send(GET);
                RawPeer asked = backend.whoHears(); // the idle connection, unless it moved after its client
                assertThat(asked.head()).startsWith("GET /x");
                asked.send(OK);
                assertThat(client.answer().body()).isEqualTo("ok");
                assertThat(first.upgrader.handedOver().toCompletableFuture()).isNotDone();
                busy.send("POST /2 HTTP/1.1\nHost: a\nContent-Length: 3\n\n12");
                other.send("HTTP/1.1 200 OK\nContent-Length: 3\n\nold");
                assertThat(busy.answer().body()).isEqualTo("old");
                busy.sendRaw("3");
                RawPeer used = backend.whoHears();
                assertThat(used.head()).startsWith("POST /2");
                assertThat(used.text(3)).isEqualTo("123");
                used.send(OK);
                assertThat(busy.answer().body()).isEqualTo("ok");
                assertThat(gone(first).kept()).isZero();
                assertThat(second.serving.generation()).isEqualTo(2);
            }
        }
        assertThat(backend.connections()).isLessThanOrEqualTo(3);
    }

    @Test
    void aWebSocketMovesAsAPairOfRawBytes() throws Exception {
        try (RunningProxy first = proxy(ProxyMode.HTTP);
                RawPeer client = first.connect()) {
            client.send("GET /ws HTTP/1.1\nHost: a\nConnection: Upgrade\nUpgrade: websocket\n\n");
            RawPeer server = backend.accept();
            server.head();
            server.send("HTTP/1.1 101 Switching Protocols\nConnection: Upgrade\nUpgrade:"
                    + " websocket\nSec-WebSocket-Accept: x\n\n");
            client.head();
            try (RunningProxy second = proxy(ProxyMode.HTTP)) {
                assertThat(gone(first).kept()).isZero();
                client.sendRaw("frame");
                assertThat(server.text(5)).isEqualTo("frame");
                server.sendRaw("emarf");
                assertThat(client.text(5)).isEqualTo("emarf");
                assertThat(second.serving.generation()).isEqualTo(2);
            }
        }
        assertThat(backend.connections()).isEqualTo(1);
    }

    @Test
    void aWebSocketThatBeginsWhileItsConnectionWaitsMovesToo() throws Exception {
        try (RunningProxy first = proxy(ProxyMode.HTTP);
                RawPeer client = first.connect()) {
            client.send("GET /ws HTTP/1.1\nHost: a\nConnection: Upgrade\nUpgrade: websocket\n\n");
            RawPeer server = backend.accept();
            server.head();
            try (RunningProxy second = proxy(ProxyMode.HTTP)) {
                server.send("HTTP/1.1 101 Switching Protocols\nConnection: Upgrade\nUpgrade:"
                        + " websocket\nSec-WebSocket-Accept: x\n\n");
                client.head();
                assertThat(gone(first).kept()).isZero();
                client.sendRaw("frame");
                assertThat(server.text(5)).isEqualTo("frame");
                assertThat(second.serving.generation()).isEqualTo(2);
            }
        }
    }
}
