package io.fdnetty.http;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.internal.capture.MovingServer;
import io.fdnetty.move.MoveOptions;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The JDK's client, whose descriptors live as long as it likes. */
@Timeout(60)
class JdkWebSocketTest {
    @Test
    void theJdksClientTalksAcrossManyMoves() throws Exception {
        LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();
        try (MovingServer a = server();
                MovingServer b = server()) {
            URI uri = URI.create("ws://localhost:" + a.address().getPort() + "/chat");
            WebSocket client = HttpClient.newHttpClient()
                    .newWebSocketBuilder()
                    .buildAsync(uri, new Listener(heard))
                    .get(10, SECONDS);
            MovingServer from = a;
            MovingServer to = b;
            for (int i = 1; i <= 200; i++) {
                boolean last = i % 3 != 0;
                client.sendText("m" + i, last).get(10, SECONDS);
                if (!last) {
                    client.sendText("+", true).get(10, SECONDS);
                }
                if (i % 20 == 0) {
                    client.sendPing(ByteBuffer.wrap(new byte[] {1})).get(10, SECONDS);
                    to.move(WebSocketMoveTest.captured(from.outcomes(from.only())));
                    MovingServer other = from;
                    from = to;
                    to = other;
                }
            }
            for (int i = 1; i <= 200; i++) {
                assertThat(heard.poll(10, SECONDS)).isEqualTo(i + " m" + i + (i % 3 != 0 ? "" : "+"));
            }
            client.sendClose(WebSocket.NORMAL_CLOSURE, "").get(10, SECONDS);
            assertThat(heard.poll(10, SECONDS)).isEqualTo("closed 1000");
        }
    }

    private static final class Listener implements WebSocket.Listener {
        private final LinkedBlockingQueue<String> heard;
        private final StringBuilder message = new StringBuilder();

        Listener(LinkedBlockingQueue<String> heard) {
            this.heard = heard;
        }

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            message.append(data);
            if (last) {
                heard.add(message.toString());
                message.setLength(0);
            }
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            heard.add("closed " + code);
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            heard.add(error.toString());
        }
    }

    private static MovingServer server() throws Exception {
        return new MovingServer(
                MoveOptions.restored(), child -> WebSocketMoveTest.pipeline(child, new CopyOnWriteArrayList<>()));
    }
}
