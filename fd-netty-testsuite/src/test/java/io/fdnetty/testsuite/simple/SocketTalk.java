package io.fdnetty.testsuite.simple;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;

/** A WebSocket of the JDK's, which talks with the example on the thread of the test. */
final class SocketTalk implements WebSocket.Listener, AutoCloseable {
    private static final int SECONDS_FOR_AN_ANSWER = 20;

    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final StringBuilder text = new StringBuilder();
    private WebSocket socket;
    private int messages;

    static SocketTalk with(int port) throws Exception {
        SocketTalk talk = new SocketTalk();
        talk.socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(URI.create("ws://127.0.0.1:" + port + "/"), talk)
                .get(SECONDS_FOR_AN_ANSWER, SECONDS);
        return talk;
    }

    /** Says something, and checks who answers. */
    void exchange(String what, long process) throws Exception {
        assertThat(answer(what)).isEqualTo("process " + process + ": " + what);
    }

    /** Goes on saying something until this process answers; nothing else may change in the answers. */
    void exchangeUntil(long process, Duration limit) throws Exception {
        long deadline = System.nanoTime() + limit.toNanos();
        String what;
        String answer;
        do {
            what = "message " + ++messages;
            answer = answer(what);
            assertThat(answer).startsWith("process ").endsWith(": " + what);
            assertThat(System.nanoTime() - deadline).isNegative();
        } while (!answer.equals("process " + process + ": " + what));
    }

    private String answer(String what) throws Exception {
        socket.sendText(what, true).get(SECONDS_FOR_AN_ANSWER, SECONDS);
        String answer = heard.poll(SECONDS_FOR_AN_ANSWER, SECONDS);
        assertThat(answer).as("the answer to " + what).isNotNull();
        return answer;
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
        text.append(data);
        if (last) {
            heard.add(text.toString());
            text.setLength(0);
        }
        from.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket from, int status, String reason) {
        heard.add("closed: " + status + " " + reason);
        return null;
    }

    @Override
    public void onError(WebSocket from, Throwable cause) {
        heard.add("failed: " + cause);
    }

    @Override
    public void close() {
        socket.abort();
    }
}
