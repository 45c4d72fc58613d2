package io.fdnetty.testsuite.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.testsuite.process.Jdks;
import io.fdnetty.testsuite.process.Programs;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A chat server is upgraded, and nobody in its rooms notices. */
class ChatIT {
    static final Duration LIMIT = Duration.ofSeconds(40);

    @RegisterExtension
    final Programs programs = new Programs();

    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void theRoomsAndTheirMembersGoOnInTheNextProcess() throws Exception {
        ChildProcess first = chat(programs);
        long port = port(first);
        try (ChatClient ada = ChatClient.join(http, port, "lobby", "ada");
                ChatClient bob = ChatClient.join(http, port, "lobby", "bob");
                ChatClient cleo = ChatClient.join(http, port, "attic", "cleo")) {
            ada.say("one");
            cleo.say("elsewhere");
            bob.awaitMessages(1);

            ChildProcess second = chat(programs);
            second.await("ready", LIMIT);
            assertThat(first.awaitExit(LIMIT)).isZero();
            assertThat(first.await("handed-over", LIMIT).line().number("moved")).isEqualTo(3);
            ada.awaitFrame(frame -> frame.type().equals("server") && frame.number("generation") == 2);
            bob.say("two");
            cleo.say("still here");

            ada.awaitMessages(2);
            bob.awaitMessages(2);
            cleo.awaitMessages(2);
            assertThat(ada.heard()).containsExactly("ada: one", "bob: two").isEqualTo(bob.heard());
            assertThat(cleo.heard()).containsExactly("cleo: elsewhere", "cleo: still here");
            try (ChatClient dan = ChatClient.join(http, port, "lobby", "ada")) {
                dan.awaitMessages(2);
                assertThat(dan.heard()).isEqualTo(ada.heard());
                assertThat(dan.name()).isEqualTo("ada 2");
            }
            assertThat(ada.trouble() + bob.trouble() + cleo.trouble()).isEmpty();
        }
    }

    @Test
    void strangersAreKeptOut() throws Exception {
        long port = port(chat(programs));

        HttpResponse<String> page = get(port, "/");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body()).contains("<title>fd-netty chat</title>").doesNotContain("http://", "https://");
        assertThat(page.headers().firstValue("content-security-policy"))
                .hasValueSatisfying(policy ->
                        assertThat(policy).contains("default-src 'none'").doesNotContain("unsafe"));
        assertThat(get(port, "/chat.js").statusCode()).isEqualTo(200);
        assertThat(get(port, "/../secret").statusCode()).isEqualTo(404);
        assertThat(get(port, "/chat").statusCode()).isEqualTo(426);
        assertThat(handshakeStatus(port, "https://example.org")).isEqualTo(403);
        assertThat(handshakeStatus(port, "http://127.0.0.1:" + port)).isEqualTo(101);
    }

    private HttpResponse<String> get(long port, String path) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .build(),
                BodyHandlers.ofString());
    }

    private int handshakeStatus(long port, String origin) {
        try {
            http.newWebSocketBuilder()
                    .header("Origin", origin)
                    .buildAsync(URI.create("ws://127.0.0.1:" + port + "/chat"), new WebSocket.Listener() {})
                    .join()
                    .abort();
            return 101;
        } catch (CompletionException e) {
            return ((WebSocketHandshakeException) e.getCause()).getResponse().statusCode();
        }
    }

    static ChildProcess chat(Programs programs, String... more) {
        String socket = programs.path("s").toString();
        List<String> arguments = new ArrayList<>(List.of("chat", "--port", "0", "--upgrade", socket, "--drain", "10"));
        arguments.addAll(List.of(more));
        return programs.jar("chat", Jdks.current(), arguments.toArray(String[]::new));
    }

    static long port(ChildProcess server) throws InterruptedException {
        return server.await("listening", LIMIT).line().number("port");
    }
}
