package io.fdnetty.testsuite.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * One client of the echo server, made of the JDK's own: sends numbered messages, in turn as text, as bytes, as text in
 * three fragments and as a ping, some at a time, and checks that each comes back once and in order.
 */
final class WebSocketClient implements WebSocket.Listener {
    private static final int AT_ONCE = 3;
    private static final int KINDS = 4;
    private static final int LONGEST = 3000;

    private final int number;
    private final ScheduledExecutorService clock;
    private final int pauseMillis;
    private final Deque<String> expectedMessages = new ArrayDeque<>();
    private final Deque<String> expectedPongs = new ArrayDeque<>();
    private final StringBuilder text = new StringBuilder();
    private final CompletableFuture<Void> finished = new CompletableFuture<>();
    private CompletableFuture<WebSocket> lastSend = new CompletableFuture<>();
    private int sent;
    private int received;
    private boolean ending;

    WebSocketClient(int number, ScheduledExecutorService clock, int pauseMillis) {
        this.number = number;
        this.clock = clock;
        this.pauseMillis = pauseMillis;
    }

    CompletableFuture<?> connect(HttpClient client, long port) {
        return client.newWebSocketBuilder().buildAsync(URI.create("ws://127.0.0.1:" + port + "/echo"), this);
    }

    /** Sends no more, and completes when all has come back, or with what went wrong. */
    synchronized CompletableFuture<Void> finish() {
        ending = true;
        finishIfDone();
        return finished;
    }

    synchronized int received() {
        return received;
    }

    boolean hasFailed() {
        return finished.isCompletedExceptionally();
    }

    @Override
    public synchronized void onOpen(WebSocket socket) {
        lastSend = CompletableFuture.completedFuture(socket);
        socket.request(Long.MAX_VALUE);
        for (int i = 0; i < AT_ONCE; i++) {
            send();
        }
    }

    private synchronized void send() {
        if (ending) {
            finishIfDone();
            return;
        }
        int message = sent++;
        String payload = number + ":" + message + ":";
        switch (message % KINDS) {
            case 0 -> text(payload + "t".repeat(message * 37 % LONGEST));
            case 1 -> bytes(payload + "b".repeat(message * 41 % LONGEST));
            case 2 -> fragments(payload, "f".repeat(message * 43 % LONGEST));
            default -> ping(payload);
        }
    }

    private void text(String message) {
        expectedMessages.add(message);
        then(socket -> socket.sendText(message, true));
    }

    private void bytes(String message) {
        expectedMessages.add(message);
        then(socket -> socket.sendBinary(ByteBuffer.wrap(message.getBytes(UTF_8)), true));
    }

    private void fragments(String first, String second) {
        expectedMessages.add(first + second + "end");
        then(socket -> socket.sendText(first, false));
        then(socket -> socket.sendText(second, false));
        then(socket -> socket.sendText("end", true));
    }

    private void ping(String message) {
        expectedPongs.add(message);
        then(socket -> socket.sendPing(ByteBuffer.wrap(message.getBytes(UTF_8))));
    }

    /** A step of a send; the next one waits for it. */
    private interface Step {
        CompletableFuture<WebSocket> on(WebSocket socket);
    }

    private void then(Step step) {
        lastSend = lastSend.thenCompose(step::on);
        lastSend.whenComplete((socket, failure) -> {
            if (failure != null) {
                finished.completeExceptionally(failure);
            }
        });
    }

    @Override
    public synchronized CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
        text.append(data);
        if (last) {
            came(text.toString(), expectedMessages);
            text.setLength(0);
        }
        return null;
    }

    @Override
    public synchronized CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
        text.append(UTF_8.decode(data));
        if (last) {
            came(text.toString(), expectedMessages);
            text.setLength(0);
        }
        return null;
    }

    @Override
    public synchronized CompletionStage<?> onPong(WebSocket socket, ByteBuffer data) {
        came(UTF_8.decode(data).toString(), expectedPongs);
        return null;
    }

    private void came(String message, Deque<String> expected) {
        String next = expected.poll();
        if (!message.equals(next)) {
            fail("client " + number + " got " + shortened(message) + " instead of " + shortened(next));
            return;
        }
        received++;
        if (ending) {
            finishIfDone();
        } else {
            clock.schedule(this::send, pauseMillis, TimeUnit.MILLISECONDS);
        }
    }

    private static String shortened(Object message) {
        String all = String.valueOf(message);
        return all.substring(0, Math.min(40, all.length()));
    }

    private void finishIfDone() {
        if (expectedMessages.isEmpty() && expectedPongs.isEmpty()) {
            finished.complete(null);
        }
    }

    @Override
    public synchronized CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
        fail("client " + number + " was closed with " + code + " " + reason);
        return null;
    }

    @Override
    public synchronized void onError(WebSocket socket, Throwable error) {
        finished.completeExceptionally(error);
    }

    private void fail(String what) {
        finished.completeExceptionally(new AssertionError(what));
    }
}
