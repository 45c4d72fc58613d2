package io.fdnetty.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.http.HttpAnswers.Answer;
import io.fdnetty.http.HttpSite.Pace;
import io.fdnetty.internal.capture.MovingServer;
import io.fdnetty.internal.capture.MovingServer.Outcome;
import io.fdnetty.internal.capture.MovingServer.Outcomes;
import io.fdnetty.testing.Background;
import io.fdnetty.testing.DescriptorLeaks;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Random streams of requests in random pieces, over a connection that moves at random moments. */
@ExtendWith(DescriptorLeaks.class)
@Timeout(300)
class HttpStreamsTest {
    private static final int REQUESTS = 60;

    /** What the client sends, and the path and body that come back. */
    private record Exchange(String request, String echo, boolean hasBody) {}

    @Test
    void everyRequestOfAFewRandomStreamsIsExecutedOnceAndAnsweredInOrder() throws Exception {
        runAll(4);
    }

    @Test
    @Tag("long")
    void everyRequestOfManyRandomStreamsIsExecutedOnceAndAnsweredInOrder() throws Exception {
        runAll(200);
    }

    private static void runAll(int streams) throws Exception {
        int moves = 0;
        for (int seed = 0; seed < streams; seed++) {
            Pace pace = seed % 2 == 0 ? Pace.SOON : Pace.AT_ONCE;
            HttpSite one = new HttpSite("one", pace);
            HttpSite other = new HttpSite("other", pace);
            try (MovingServer a = new MovingServer(one::pipeline);
                    MovingServer b = new MovingServer(other::pipeline)) {
                moves += run(seed, a, b);
                List<String> executed = new ArrayList<>(one.executed());
                executed.addAll(other.executed());
                assertThat(executed).as("seed %d", seed).hasSize(REQUESTS).doesNotHaveDuplicates();
            }
        }
        assertThat(moves).isGreaterThanOrEqualTo(streams);
    }

    private static int run(int seed, MovingServer a, MovingServer b) throws Exception {
        Random random = new Random(seed);
        List<Exchange> exchanges = IntStream.range(0, REQUESTS)
                .mapToObj(number -> exchange(random, number))
                .toList();
        long pieces = random.nextLong();
        try (Socket client = a.connect()) {
            CompletableFuture<Void> writer = Background.run(() -> write(client, exchanges, new Random(pieces)));
            CompletableFuture<Void> reader = Background.run(() -> read(client, exchanges, seed));
            int moves = moveUntilDone(a, b, reader, random);
            writer.get(10, TimeUnit.SECONDS);
            reader.get(10, TimeUnit.SECONDS);
            return moves;
        }
    }

    private static int moveUntilDone(MovingServer a, MovingServer b, CompletableFuture<Void> done, Random random)
            throws Exception {
        MovingServer from = a;
        MovingServer to = b;
        int moves = 0;
        for (; !done.isDone(); moves++) {
            LockSupport.parkNanos(random.nextInt(3_000_000));
            Outcomes outcomes = from.outcomes(from.only());
            Outcome outcome = outcomes.take();
            if (outcome.captured() == null) {
                outcome = outcomes.take();
            }
            assertThat(outcome.captured()).as(outcome.toString()).isNotNull();
            to.move(outcome.captured());
            MovingServer other = from;
            from = to;
            to = other;
        }
        return moves;
    }

    private static Exchange exchange(Random random, int number) {
        String path = "/" + number;
        String body = body(random);
        return switch (random.nextInt(5)) {
            case 0 -> new Exchange("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n", path + ' ', true);
            case 1 -> new Exchange("HEAD " + path + " HTTP/1.1\r\nHost: x\r\n\r\n", path + ' ', false);
            case 2 ->
                new Exchange(
                        "PUT " + path + " HTTP/1.1\r\nContent-Length: " + body.length() + "\r\n\r\n" + body,
                        path + ' ' + body,
                        true);
            case 3 ->
                new Exchange(
                        "PUT " + path + " HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: " + body.length()
                                + "\r\n\r\n" + body,
                        path + ' ' + body,
                        true);
            default ->
                new Exchange(
                        "PUT " + path + " HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks(random, body),
                        path + ' ' + body,
                        true);
        };
    }

    /** Looks like HTTP here and there. */
    private static String body(Random random) {
        String[] words = {"\r\n", "GET / HTTP/1.1", "0", "\n", "\r\n\r\n", "a", "chunk", "Content-Length: 7"};
        StringBuilder body = new StringBuilder();
        for (int i = random.nextInt(random.nextInt(10) == 0 ? 5000 : 20); i >= 0; i--) {
            body.append(words[random.nextInt(words.length)]);
        }
        return body.toString();
    }

    private static String chunks(Random random, String body) {
        StringBuilder chunks = new StringBuilder();
        for (int at = 0; at < body.length(); ) {
            int length = Math.min(1 + random.nextInt(300), body.length() - at);
            chunks.append(Integer.toHexString(length)).append(random.nextBoolean() ? ";x=y\r\n" : "\r\n");
            chunks.append(body, at, at + length).append("\r\n");
            at += length;
        }
        return chunks.append("0\r\n")
                .append(random.nextBoolean() ? "Trailer: t\r\n" : "")
                .append("\r\n")
                .toString();
    }

    private static void write(Socket client, List<Exchange> exchanges, Random random) {
        StringBuilder all = new StringBuilder();
        exchanges.forEach(exchange -> all.append(exchange.request));
        byte[] bytes = all.toString().getBytes(US_ASCII);
        try {
            for (int at = 0; at < bytes.length; ) {
                int length = Math.min(1 + random.nextInt(random.nextInt(4) == 0 ? 5000 : 40), bytes.length - at);
                client.getOutputStream().write(bytes, at, length);
                at += length;
                if (random.nextInt(10) == 0) {
                    LockSupport.parkNanos(random.nextInt(200_000));
                }
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void read(Socket client, List<Exchange> exchanges, int seed) {
        try {
            HttpAnswers answers = new HttpAnswers(client);
            for (Exchange exchange : exchanges) {
                Answer answer = next(answers, exchange);
                assertThat(answer.status()).isEqualTo(200);
                if (exchange.hasBody) {
                    assertThat(answer.body()).as("seed %d", seed).endsWith(exchange.echo);
                }
            }
        } catch (IOException e) {
            throw new AssertionError("seed " + seed, e);
        }
    }

    private static Answer next(HttpAnswers answers, Exchange exchange) throws IOException {
        for (; ; ) {
            Answer answer = exchange.hasBody ? answers.next() : new Answer(answers.head(), "");
            if (answer.status() != 100) {
                return answer;
            }
        }
    }
}
