package io.fdnetty.examples.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.testing.DescriptorLeaks;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What passes between a client and a backend when both behave. */
@ExtendWith(DescriptorLeaks.class)
class HttpProxyTest {
    private static final String GET = "GET /x HTTP/1.1\nHost: a\n\n";

    @TempDir
    Path directory;

    private ScriptedBackend backend;
    private RunningProxy proxy;

    @BeforeEach
    void start() throws Exception {
        backend = new ScriptedBackend();
        proxy = RunningProxy.start(directory.resolve("s"), ProxyMode.HTTP, RunningProxy.settings(backend.port()));
    }

    @AfterEach
    void stop() throws Exception {
        proxy.close();
        backend.close();
    }

    @Test
    void aRequestAndItsResponsePassOverConnectionsThatGoOn() throws Exception {
        try (RawPeer client = proxy.connect()) {
            client.send(GET);
            RawPeer server = backend.accept();
            for (int i = 0; i < 3; i++) {
                assertThat(server.head())
                        .startsWith("GET /x HTTP/1.1\n")
                        .containsIgnoringCase("\nhost: a\n")
                        .contains("x-forwarded-for: 127.0.0.1\n");
                server.send("HTTP/1.1 200 Fine\nContent-Length: 2\nX: y\n\nok");
                RawPeer.Answer answer = client.answer();
                assertThat(answer.head()).startsWith("HTTP/1.1 200 Fine\n");
                assertThat(answer.field("x")).isEqualTo("y");
                assertThat(answer.field("via")).isEqualTo("1.1 fd-netty");
                assertThat(answer.field("connection")).isNull();
                assertThat(answer.body()).isEqualTo("ok");
                client.send(GET);
            }
        }
        assertThat(backend.connections()).isEqualTo(1);
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrderOneAtATime() throws Exception {
        try (RawPeer client = proxy.connect()) {
            client.send("POST /1 HTTP/1.1\nHost: a\nContent-Length: 3\n\nabc".replace("\n\nabc", "\r\n\r\nabc")
                    + "GET /2 HTTP/1.1\nHost: a\n\nGET /3 HTTP/1.1\nHost: a\n\n");
            RawPeer server = backend.accept();
            for (int i = 1; i <= 3; i++) {
                assertThat(server.head()).contains(" /" + i + " HTTP");
                if (i == 1) {
                    assertThat(server.text(3)).isEqualTo("abc");
                }
                assertThat(server.socket.getInputStream().available()).isZero();
                server.send("HTTP/1.1 200 OK\nContent-Length: 1\n\n" + i);
            }
            assertThat(client.answer().body()
                            + client.answer().body()
                            + client.answer().body())
                    .isEqualTo("123");
        }
        assertThat(backend.connections()).isEqualTo(1);
    }

    @Test
    void manyPipelinedRequestsInOneSegmentAreNotTooMany() throws Exception {
        int count = 150;
        try (RawPeer client = proxy.connect()) {
            client.send(GET.repeat(count));
            RawPeer server = backend.accept();
            for (int i = 0; i < count; i++) {
                server.head();
                server.send("HTTP/1.1 200 OK\nContent-Length: 0\n\n");
            }
            for (int i = 0; i < count; i++) {
                assertThat(client.answer().status()).isEqualTo(200);
            }
        }
    }

    @Test
    void chunksAndTrailersPassInBothDirections() throws Exception {
        try (RawPeer client = proxy.connect()) {
            client.send("POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n3\nabc\n0\nX-T: in\n\n");
            RawPeer server = backend.accept();
            assertThat(server.head()).contains("transfer-encoding: chunked\n");
            assertThat(server.chunked()).isEqualTo("abc|X-T: in");
            server.send("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\nTrailer: X-T\n\n2\nok\n0\nX-T: out\n\n");
            assertThat(client.answer().body()).isEqualTo("ok|X-T: out");
        }
    }

    @Test
    void aResponseWithoutALengthIsChunkedForANewClientAndEndsTheConnectionOfAnOldOne() throws Exception {
        try (RawPeer client = proxy.connect();
                RawPeer old = proxy.connect()) {
            client.send(GET);
            RawPeer server = backend.accept();
            server.head();
            server.send("HTTP/1.1 200 OK\n\nabc").close();
            assertThat(client.answer().body()).isEqualTo("abc");

            old.send("GET / HTTP/1.0\nConnection: keep-alive\n\n");
            RawPeer second = backend.accept();
            second.head();
            second.send("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n3\nabc\n0\n\n");
            assertThat(old.rest())
                    .endsWith("\r\n\r\nabc")
                    .contains("connection: close")
                    .doesNotContain("chunked");
        }
    }

    @Test
    void anOldClientMayKeepItsConnection() throws Exception {
        try (RawPeer old = proxy.connect()) {
            old.send("GET /1 HTTP/1.0\nConnection: keep-alive\n\n");
            RawPeer server = backend.accept();
            assertThat(server.head()).startsWith("GET /1 HTTP/1.1\n").contains("host: backend.test:");
            server.send("HTTP/1.1 103 Early Hints\nLink: x\n\nHTTP/1.1 200 OK\nContent-Length: 2\n\nok");
            RawPeer.Answer answer = old.answer();
            assertThat(answer.field("connection")).isEqualTo("keep-alive");
            assertThat(answer.body()).isEqualTo("ok");
            old.send("GET /2 HTTP/1.0\n\n");
            server.head();
            server.send("HTTP/1.1 200 OK\nContent-Length: 2\n\nok");
            assertThat(old.rest()).endsWith("ok");
        }
    }

    @Test
    void responsesWithoutABodyEndWhereTheirHeadEnds() throws Exception {
        try (RawPeer client = proxy.connect()) {
            client.send("HEAD / HTTP/1.1\nHost: a\n\n");
            RawPeer server = backend.accept();
            server.head();
            server.send("HTTP/1.1 200 OK\nContent-Length: 1000\n\n");
            assertThat(client.head()).containsIgnoringCase("content-length: 1000\n");

            client.send("HEAD / HTTP/1.1\nHost: a\n\n");
            server.head();
            server.send("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n");
            client.head();

            client.send("GET / HTTP/1.1\nHost: a\n\n");
            server.head();
            server.send("HTTP/1.1 304 Not Modified\nETag: x\nContent-Length: 99\n\n");
            assertThat(client.head()).startsWith("HTTP/1.1 304").containsIgnoringCase("content-length: 99\n");

            client.send("DELETE / HTTP/1.1\nHost: a\n\n");
            server.head();
            server.send("HTTP/1.1 204 No Content\n\n");
            assertThat(client.head()).startsWith("HTTP/1.1 204").doesNotContain("transfer-encoding");

            client.send(GET);
            server.head();
            server.send("HTTP/1.1 200 OK\nContent-Length: 3\n\nend");
            assertThat(client.answer().body()).isEqualTo("end");
        }
        assertThat(backend.connections()).isEqualTo(1);
    }

    @Test
    void theClientIsToldToContinueByTheBackend() throws Exception {
        try (RawPeer client = proxy.connect()) {
            client.send("POST / HTTP/1.1\nHost: a\nExpect: 100-continue\nContent-Length: 4\n\n");
            RawPeer server = backend.accept();
            assertThat(server.head()).containsIgnoringCase("expect: 100-continue\n");
            server.send("HTTP/1.1 100 Continue\n\n");
            assertThat(client.head()).startsWith("HTTP/1.1 100 Continue\n");
            client.send("body");
            assertThat(server.text(4)).isEqualTo("body");
            server.send("HTTP/1.1 201 Created\nContent-Length: 0\n\n");
            assertThat(client.answer().field("connection")).isNull();
        }
    }

    @Test
    void anAnswerThatDoesNotWaitForTheBodyEndsTheConnection() throws Exception {
        try (RawPeer client = proxy.connect()) {
            client.send("POST / HTTP/1.1\nHost: a\nExpect: 100-continue\nContent-Length: 4\n\n");
            RawPeer server = backend.accept();
            server.head();
            server.send("HTTP/1.1 413 No\nContent-Length: 0\n\n");
            RawPeer.Answer answer = client.answer();
            assertThat(answer.status()).isEqualTo(413);
            assertThat(answer.field("connection")).isEqualTo("close");
            client.assertEnd();
            server.assertEnd();
        }
    }

    @Test
    void largeBodiesStreamBothWaysAtTheSpeedOfWhoReads() throws Exception {
        int size = 8 << 20;
        try (RawPeer client = proxy.connect()) {
            client.send("PUT / HTTP/1.1\nHost: a\nContent-Length: " + size + "\n\n");
            Thread upload = new Thread(() -> sendZeros(client, size));
            upload.start();
            RawPeer server = backend.accept();
            server.head();
            server.bytes(size);
            upload.join();
            server.send("HTTP/1.1 200 OK\nContent-Length: " + size + "\n\n");
            Thread download = new Thread(() -> sendZeros(server, size));
            download.start();
            client.head();
            client.bytes(size);
            download.join();
        }
    }

    private static void sendZeros(RawPeer to, int count) {
        try {
            for (int sent = 0; sent < count; sent += 1 << 16) {
                to.send(new byte[1 << 16]);
            }
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void aClientThatSendsNoMoreStillGetsItsAnswer() throws Exception {
        try (RawPeer client = proxy.connect()) {
            client.send(GET).shutdownOutput();
            RawPeer server = backend.accept();
            server.head();
            server.send("HTTP/1.1 200 OK\nContent-Length: 2\n\nok");
            assertThat(client.rest()).endsWith("ok");
        }
    }

    @Test
    void aWebSocketBecomesAPairOfRawBytes() throws Exception {
        try (RawPeer client = proxy.connect()) {
            client.send("""
                    GET /ws HTTP/1.1
                    Host: a
                    Connection: Upgrade
                    Upgrade: websocket
                    Sec-WebSocket-Version: 13
                    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==

                    """);
            RawPeer server = backend.accept();
            assertThat(server.head()).contains("upgrade: websocket\n").contains("connection: upgrade\n");
            server.send("""
                    HTTP/1.1 101 Switching Protocols
                    Connection: Upgrade
                    Upgrade: websocket
                    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=
                    Sec-WebSocket-Version: 13

                    first frame""");
            assertThat(client.head())
                    .startsWith("HTTP/1.1 101 ")
                    .contains("upgrade: websocket\n")
                    .contains("Sec-WebSocket-Accept: s3p");
            assertThat(client.text(11)).isEqualTo("first frame");
            client.sendRaw("GET / no request\n\n");
            assertThat(server.text(18)).isEqualTo("GET / no request\n\n");
            client.shutdownOutput();
            server.assertEnd();
            server.send("last words").close();
            assertThat(client.rest()).isEqualTo("last words");
        }
    }

    @Test
    void anUpgradeThatIsDeclinedIsAnOrdinaryResponse() throws Exception {
        try (RawPeer client = proxy.connect()) {
            client.send("GET /ws HTTP/1.1\nHost: a\nConnection: Upgrade\nUpgrade: websocket\n\n");
            RawPeer server = backend.accept();
            server.head();
            server.send("HTTP/1.1 403 Forbidden\nContent-Length: 2\n\nno");
            assertThat(client.answer().status()).isEqualTo(403);
            client.send(GET);
            assertThat(server.head()).doesNotContain("upgrade");
            server.send("HTTP/1.1 200 OK\nContent-Length: 2\n\nok");
            assertThat(client.answer().status()).isEqualTo(200);
        }
    }

    @Test
    void atTheEndWhatIsUnderWayIsAnsweredAndIdleConnectionsEnd() throws Exception {
        try (RawPeer idle = proxy.connect();
                RawPeer busy = proxy.connect();
                RawPeer slow = proxy.connect()) {
            idle.send(GET);
            RawPeer server = backend.accept();
            server.head();
            server.send("HTTP/1.1 200 OK\nContent-Length: 0\n\n");
            idle.answer();
            busy.send(GET);
            server.head();
            slow.send("GET / HTTP/1.1\n");
            proxy.sayGoodbye();

            idle.assertEnd();
            server.send("HTTP/1.1 200 OK\nContent-Length: 2\n\nok");
            RawPeer.Answer answer = busy.answer();
            assertThat(answer.field("connection")).isEqualTo("close");
            assertThat(answer.body()).isEqualTo("ok");
            busy.assertEnd();
        }
    }
}
