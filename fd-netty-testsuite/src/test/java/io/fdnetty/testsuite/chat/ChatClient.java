package io.fdnetty.testsuite.chat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A member of a room: the WebSocket of the JDK, which hears every frame and notes what is wrong with their order.
 * Thread-safe.
 *
 * <p>A talker says its next numbered sentence as soon as it hears its own.
 */
final class ChatClient implements WebSocket.Listener, AutoCloseable {
    private static final long LIMIT_MILLIS = 60_000;

    private final String room;
    private final String wish;
    private final List<ChatFrame> frames = new ArrayList<>();
    private final Minutes minutes;
    private final StringBuilder part = new StringBuilder();
    private final WebSocket socket;
    private CompletableFuture<?> sent = CompletableFuture.completedFuture(null);
    private String name = "";
    private String trouble = "";
    private long first;
    private long last;
    private boolean talking;
    private int said;

    private ChatClient(HttpClient http, long port, Minutes minutes, String room, String wish) {
        this.minutes = minutes;
        this.room = room;
        this.wish = wish;
        this.socket = http.newWebSocketBuilder()
                .connectTimeout(Duration.ofSeconds(20))
                .buildAsync(URI.create("ws://127.0.0.1:" + port + "/chat"), this)
                .join();
    }

    /** Opens a socket and takes a seat. */
    static ChatClient join(HttpClient http, long port, String room, String name) throws InterruptedException {
        return join(http, port, new Minutes(), room, name);
    }

    /** Opens a socket and takes a seat; has to agree with the others who keep these minutes. */
    static ChatClient join(HttpClient http, long port, Minutes minutes, String room, String name)
            throws InterruptedException {
        ChatClient client = new ChatClient(http, port, minutes, room, name);
        client.send("{\"type\":\"join\",\"room\":\"" + room + "\",\"name\":\"" + name + "\"}");
        client.awaitFrame(frame -> frame.type().equals("joined"));
        return client;
    }

    synchronized void send(String request) {
        sent = sent.thenCompose(before -> socket.sendText(request, true));
    }

    void say(String text) {
        send("{\"type\":\"say\",\"text\":\"" + text + "\"}");
    }

    /** From now on it talks without a pause. */
    synchronized void talk(int sentencesAhead) {
        talking = true;
        for (int i = 0; i < sentencesAhead; i++) {
            sayNext();
        }
    }

    private void sayNext() {
        said++;
        say(sentence(said));
    }

    /** It says no more; returns how much it has said. */
    synchronized int beSilent() {
        talking = false;
        return said;
    }

    String sentence(int number) {
        return wish + " says " + number;
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean isLast) {
        part.append(data);
        if (isLast) {
            hear(ChatFrame.parse(part));
            part.setLength(0);
        }
        from.request(1);
        return null;
    }

    private synchronized void hear(ChatFrame frame) {
        switch (frame.type()) {
            case "joined" -> {
                name = frame.text("name");
                last = frame.number("from") - 1;
                first = frame.number("from");
            }
            case "message" -> hearMessage(frame);
            default -> {}
        }
        if (!frame.type().equals("message")
                && !frame.type().equals("rooms")
                && !frame.type().equals("members")) {
            frames.add(frame);
        }
        notifyAll();
    }

    private void hearMessage(ChatFrame frame) {
        if (frame.number("seq") != last + 1) {
            trouble("message " + frame.number("seq") + " came after " + last);
        }
        last = frame.number("seq");
        if (!minutes.agree(last, frame.text("name") + ": " + frame.text("text"))) {
            trouble("message " + last + " is not what the others heard: " + frame);
        }
        if (talking && frame.text("name").equals(name)) {
            sayNext();
        }
    }

    private synchronized void trouble(String what) {
        trouble = trouble.isEmpty() ? what : trouble;
        notifyAll();
    }

    @Override
    public CompletionStage<?> onClose(WebSocket from, int status, String reason) {
        trouble("closed with " + status + " " + reason);
        return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
        trouble("failed: " + error);
    }

    /** The first frame of that kind that was or will be heard. */
    synchronized ChatFrame awaitFrame(Predicate<ChatFrame> wanted) throws InterruptedException {
        await(client -> client.frames.stream().anyMatch(wanted), "a frame");
        return frames.stream().filter(wanted).findFirst().orElseThrow();
    }

    synchronized void awaitMessages(int count) throws InterruptedException {
        await(client -> client.count() >= count, count + " messages");
    }

    /** Waits until it has heard message number {@code sequence}. */
    synchronized void awaitSequence(long sequence) throws InterruptedException {
        await(client -> client.last >= sequence, "message " + sequence);
    }

    private void await(Predicate<ChatClient> wanted, String what) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LIMIT_MILLIS);
        while (!wanted.test(this)) {
            long millis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (millis <= 0 || !trouble.isEmpty()) {
                throw new AssertionError(wish + " in " + room + " waits for " + what + ", heard " + count()
                        + " messages up to " + last + "; " + trouble);
            }
            wait(millis);
        }
    }

    String wish() {
        return wish;
    }

    String room() {
        return room;
    }

    synchronized String name() {
        return name;
    }

    /** What went wrong first; empty if nothing did. */
    synchronized String trouble() {
        return trouble;
    }

    /** The number of the first message after it came in. */
    synchronized long first() {
        return first;
    }

    synchronized long last() {
        return last;
    }

    synchronized List<String> heard() {
        return minutes.lines(first, last);
    }

    /** How many messages it has heard. */
    synchronized int count() {
        return (int) (last - first + 1);
    }

    @Override
    public void close() {
        socket.abort();
    }
}
