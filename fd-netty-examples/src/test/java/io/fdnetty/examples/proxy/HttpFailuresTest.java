package io.fdnetty.examples.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fdnetty.testing.DescriptorLeaks;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client gets when the backend, or the client itself, does not behave. */
@ExtendWith(DescriptorLeaks.class)
class HttpFailuresTest {
    private static final String GET = "GET /x HTTP/1.1\nHost: a\n\n";
    private static final String POST = "POST /x HTTP/1.1\nHost: a\nContent-Length: 2\n\nab";
    private static final String OK = "HTTP/1.1 200 OK\nContent-Length: 2\n\nok";

    @TempDir
    Path directory;

    private ScriptedBackend backend;
    private RunningProxy proxy;

    @BeforeEach
    void start() throws Exception {
        backend = new ScriptedBackend();
    }

    private RunningProxy proxy(ProxySettings settings) throws Exception {
        proxy = RunningProxy.start(directory.resolve("s"), ProxyMode.HTTP, settings);
        return proxy;
    }

    private RunningProxy patient() throws Exception {
        return proxy(RunningProxy.settings(backend.port()));
    }

    private RunningProxy impatient() throws Exception {
        return proxy(RunningProxy.settings(backend.port(), RunningProxy.times(Duration.ofMillis(150))));
    }

    @AfterEach
    void stop() throws Exception {
        proxy.close();
        backend.close();
    }

    @Test
    void aBackendThatCannotBeReachedIsABadGatewayAndTheConnectionGoesOn() throws Exception {
        backend.close();
        try (RawPeer client = patient().connect()) {
            for (int i = 0; i < 2; i++) {
                client.send(POST);
                RawPeer.Answer answer = client.answer();
                assertThat(answer.status()).isEqualTo(502);
                assertThat(answer.body()).isEqualTo("502 Bad Gateway: the backend cannot be reached\n");
                assertThat(answer.field("connection")).isNull();
            }
            client.send("HEAD / HTTP/1.1\nHost: a\nConnection: close\n\n");
            assertThat(client.rest())
                    .startsWith("HTTP/1.1 502 ")
                    .contains("connection: close")
                    .endsWith("\r\n\r\n");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\nContent-Length: 2\nTransfer-Encoding: chunked\n\n0\n\n",
                "HTTP/1.1 200 OK\nContent-Length: 2\nContent-Length: 3\n\nabc",
                "HTTP/1.1 200 OK\nTransfer-Encoding: gzip\n\nabc",
                "HTTP/1.1 200 OK\nX: a\rSet-Cookie: b\n\n",
                "HTTP/1.1 101 Switching Protocols\nUpgrade: x\n\n",
                "HTTP/1.1 42 What\n\n",
                "HTTP/2.0 200 OK\n\n",
                "SSH-2.0-x\n\n",
                "HTTP/1.1 200 OK\nContent-",
                ""
            })
    void aResponseThatIsNotValidIsABadGateway(String response) throws Exception {
        try (RawPeer client = patient().connect()) {
            client.send(GET);
            RawPeer server = backend.accept();
            server.head();
            server.send(response).close();
            RawPeer.Answer answer = client.answer();
            assertThat(answer.status()).isEqualTo(502);
            assertThat(answer.body()).isEqualTo("502 Bad Gateway: the backend did not give a valid response\n");
        }
    }

    @Test
    void aResponseThatIsCutIsCutForTheClientToo() throws Exception {
        patient();
        try (RawPeer client = proxy.connect();
                RawPeer old = proxy.connect()) {
            client.send(GET);
            RawPeer server = backend.accept();
            server.head();
            server.send("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n3\nabc\n")
                    .close();
            assertThat(client.rest()).endsWith("abc\r\n");

            old.send("GET / HTTP/1.0\n\n");
            RawPeer second = backend.accept();
            second.head();
            second.send("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n3\nabc\n");
            old.head();
            second.close();
            assertThatThrownBy(old::rest).isInstanceOf(IOException.class).hasMessageContaining("reset");
        }
    }

    @Test
    void aRequestThatCanBeRepeatedIsSentAgainWhenAnIdleConnectionTurnsOutDead() throws Exception {
        try (RawPeer client = patient().connect()) {
            client.send(GET);
            RawPeer server = backend.accept();
            server.head();
            server.send(OK);
            client.answer();
            client.send(GET);
            server.head();
            server.close();
            RawPeer fresh = backend.accept();
            assertThat(fresh.head()).startsWith("GET /x ");
            fresh.send(OK);
            assertThat(client.answer().body()).isEqualTo("ok");

            client.send(POST);
            fresh.head();
            fresh.close();
            assertThat(client.answer().status()).isEqualTo(502);
        }
        assertThat(backend.connections()).isEqualTo(2);
    }

    @Test
    void aFreshConnectionIsTriedOnce() throws Exception {
        try (RawPeer client = patient().connect()) {
            client.send(GET);
            RawPeer server = backend.accept();
            server.head();
            server.close();
            assertThat(client.answer().status()).isEqualTo(502);
        }
        assertThat(backend.connections()).isEqualTo(1);
    }

    @Test
    void anIdleConnectionThatTheBackendClosedIsNotUsed() throws Exception {
        try (RawPeer client = patient().connect()) {
            client.send(GET);
            RawPeer server = backend.accept();
            server.head();
            server.send(OK + "HTTP/1.1 200 OK\n\n");
            assertThat(client.answer().body()).isEqualTo("ok");
            server.assertEnd(); // it said more than it was asked
            client.send(POST);
            RawPeer second = backend.accept();
            second.head();
            second.text(2);
            second.send("HTTP/1.1 200 OK\nConnection: close\nContent-Length: 2\n\nok");
            assertThat(client.answer().field("connection")).isNull();
            second.assertEnd();
            client.send(POST);
            backend.accept().send(OK);
            assertThat(client.answer().body()).isEqualTo("ok");
        }
    }

    @Test
    void aSilentBackendIsATimeout() throws Exception {
        try (RawPeer client = impatient().connect()) {
            client.send(GET);
            RawPeer server = backend.accept();
            server.head();
            RawPeer.Answer answer = client.answer();
            assertThat(answer.status()).isEqualTo(504);
            assertThat(answer.body()).isEqualTo("504 Gateway Timeout: the backend does not answer\n");
            server.assertEnd();
        }
    }

    @Test
    void aBackendThatFallsSilentInItsResponseCutsIt() throws Exception {
        try (RawPeer client = impatient().connect()) {
            client.send(GET);
            RawPeer server = backend.accept();
            server.head();
            server.send("HTTP/1.1 200 OK\nContent-Length: 5\n\nab");
            assertThat(client.rest()).endsWith("ab");
        }
    }

    @Test
    void aHeadAndABodyThatDoNotComeAreATimeoutToo() throws Exception {
        impatient();
        try (RawPeer head = proxy.connect();
                RawPeer body = proxy.connect();
                RawPeer nothing = proxy.connect()) {
            head.send("GET / HTTP/1.1\nHost: a\n");
            body.send("POST / HTTP/1.1\nHost: a\nContent-Length: 5\n\nab");
            RawPeer.Answer headless = head.answer();
            assertThat(headless.status()).isEqualTo(408);
            assertThat(headless.field("connection")).isEqualTo("close");
            assertThat(body.answer().status()).isEqualTo(408);
            assertThat(nothing.rest()).isEmpty();
        }
    }

    @Test
    void idleConnectionsToTheBackendAreClosedInTime() throws Exception {
        try (RawPeer client = impatient().connect()) {
            client.send(GET);
            RawPeer server = backend.accept();
            server.head();
            server.send(OK);
            client.answer();
            server.assertEnd();
        }
    }

    @Test
    void theOneTooManyIsTurnedAway() throws Exception {
        ProxySettings few = RunningProxy.settings(backend.port());
        proxy(new ProxySettings(few.backend(), few.backendName(), 1, 1, few.times()));
        try (RawPeer first = proxy.connect()) {
            first.send(GET);
            RawPeer server = backend.accept();
            server.head();
            try (RawPeer second = proxy.connect()) {
                second.send(GET);
                assertThat(second.answer().status()).isEqualTo(503);
                second.assertEnd();
            }
            server.send(OK);
            assertThat(first.answer().status()).isEqualTo(200);
        }
    }

    @Test
    void aMalformedRequestIsTheLastOfItsConnectionAndReachesNoBackend() throws Exception {
        try (RawPeer client = patient().connect()) {
            client.send("GET http://other/ HTTP/1.1\nHost: a\n\n" + GET);
            RawPeer.Answer answer = client.answer();
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.field("connection")).isEqualTo("close");
            client.assertEnd();
        }
        assertThat(backend.connections()).isZero();
    }

    @Test
    void aBrokenChunkEndsBothConnections() throws Exception {
        try (RawPeer client = patient().connect()) {
            client.send("POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n3\nabc\nxyz\n");
            RawPeer server = backend.accept();
            server.head();
            assertThat(client.answer().status()).isEqualTo(400);
            client.assertEnd();
            assertThat(server.rest()).doesNotContain("0\r\n\r\n");
        }
    }

    @Test
    void aClientThatGoesAwayEndsItsExchange() throws Exception {
        patient();
        RawPeer client = proxy.connect();
        client.send("POST / HTTP/1.1\nHost: a\nContent-Length: 5\n\nab");
        RawPeer server = backend.accept();
        server.head();
        client.close();
        assertThat(server.rest()).isEqualTo("ab");
    }
}
