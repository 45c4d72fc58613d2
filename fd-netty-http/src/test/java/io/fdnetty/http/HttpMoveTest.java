package io.fdnetty.http;

import static io.fdnetty.internal.capture.Clients.send;
import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.http.HttpSite.Pace;
import io.fdnetty.internal.capture.Capture;
import io.fdnetty.internal.capture.Captured;
import io.fdnetty.internal.capture.MovingServer;
import io.fdnetty.internal.capture.MovingServer.Outcome;
import io.fdnetty.internal.capture.MovingServer.Outcomes;
import io.fdnetty.internal.connection.TrackedConnection;
import io.fdnetty.testing.Background;
import io.fdnetty.testing.DescriptorLeaks;
import io.fdnetty.testing.Eventually;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpServerCodec;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** HTTP/1.1 connections that move between messages. */
@ExtendWith(DescriptorLeaks.class)
@Timeout(60)
class HttpMoveTest {
    private static String get(int number) {
        return "GET /" + number + " HTTP/1.1\r\nHost: x\r\n\r\n";
    }

    @Test
    void anIdleConnectionMovesAtOnce() throws Exception {
        HttpSite old = new HttpSite("a", Pace.AT_ONCE);
        HttpSite fresh = new HttpSite("b", Pace.AT_ONCE);
        try (MovingServer a = new MovingServer(old::pipeline);
                MovingServer b = new MovingServer(fresh::pipeline);
                Socket client = a.connect()) {
            HttpAnswers answers = new HttpAnswers(client);
            send(client, get(1));
            assertThat(answers.next().body()).isEqualTo("a /1 ");
            b.move(a.capture(a.only()));
            send(client, get(2));
            assertThat(answers.next().body()).isEqualTo("b /2 ");
        }
    }

    @Test
    void halfARequestLineMoves() throws Exception {
        HttpSite old = new HttpSite("a", Pace.AT_ONCE);
        HttpSite fresh = new HttpSite("b", Pace.AT_ONCE);
        try (MovingServer a = new MovingServer(old::pipeline);
                MovingServer b = new MovingServer(fresh::pipeline);
                Socket client = a.connect()) {
            HttpAnswers answers = new HttpAnswers(client);
            send(client, get(1) + "GET /2 HT");
            assertThat(answers.next().body()).isEqualTo("a /1 ");
            b.move(a.capture(a.only()));
            send(client, "TP/1.1\r\nHost: x\r\n\r\n");
            assertThat(answers.next().body()).isEqualTo("b /2 ");
            assertThat(old.executed()).containsExactly("/1");
        }
    }

    @Test
    void aRequestWhoseHeadHasBegunIsAnsweredHereAndTheConnectionMovesThen() throws Exception {
        HttpSite old = new HttpSite("a", Pace.AT_ONCE);
        HttpSite fresh = new HttpSite("b", Pace.AT_ONCE);
        try (MovingServer a = new MovingServer(old::pipeline);
                MovingServer b = new MovingServer(fresh::pipeline);
                Socket client = a.connect()) {
            HttpAnswers answers = new HttpAnswers(client);
            send(client, get(1) + "GET /2 HTTP/1.1\r\nHost");
            assertThat(answers.next().body()).isEqualTo("a /1 ");
            Outcomes outcomes = a.outcomes(a.only());
            assertThat(outcomes.take()).isEqualTo(notNow("a request is coming in"));
            send(client, ": x\r\n\r\n" + get(3));
            assertThat(answers.next().body()).isEqualTo("a /2 ");
            b.move(captured(outcomes));
            assertThat(answers.next().body()).isEqualTo("b /3 ");
        }
    }

    /** As it is where all connections move together, and another one takes its time. */
    @Test
    void theNextRequestIsHeldBackForAsLongAsTheStoppedConnectionHasToWaitForOthers() throws Exception {
        HttpSite old = new HttpSite("a", Pace.WHEN_TOLD);
        HttpSite fresh = new HttpSite("b", Pace.AT_ONCE);
        try (MovingServer a = new MovingServer(old::pipeline);
                MovingServer b = new MovingServer(fresh::pipeline);
                Socket client = a.connect()) {
            HttpAnswers answers = new HttpAnswers(client);
            send(client, get(1));
            Eventually.holds("it is executed", () -> old.executed().size() == 1);
            TrackedConnection connection = a.only();
            Outcomes outcomes = new Outcomes(500);
            Capture.start(connection, outcomes);
            assertThat(outcomes.take()).isEqualTo(notNow("a request is being answered"));
            send(client, get(2));
            old.answer();
            assertThat(answers.next().body()).isEqualTo("a /1 ");
            b.move(captured(outcomes));
            assertThat(answers.next().body()).isEqualTo("b /2 ");
            assertThat(old.executed()).containsExactly("/1");
        }
    }

    @Test
    void aBoundaryBetweenTheDecoderAndTheEncoderKeepsTheConnectionAndHoldsNothing() throws Exception {
        HttpSite old = new HttpSite("a", Pace.WHEN_TOLD);
        MovingServer.Pipeline misplaced = child -> {
            old.pipeline(child);
            child.pipeline().remove(HttpBoundary.class);
            child.pipeline().remove(HttpServerCodec.class);
            child.pipeline().addFirst(new HttpResponseEncoder());
            child.pipeline().addFirst("decoder", new HttpRequestDecoder());
            child.pipeline().addAfter("decoder", null, new HttpBoundary());
        };
        try (MovingServer a = new MovingServer(misplaced);
                Socket client = a.connect()) {
            HttpAnswers answers = new HttpAnswers(client);
            send(client, get(1));
            Eventually.holds("it is executed", () -> old.executed().size() == 1);
            Outcome outcome = a.tryCapture(a.only());
            assertThat(outcome.what()).isEqualTo("notMovable");
            assertThat(outcome.reason()).contains("an HTTP encoder stands behind HttpBoundary");
            old.answer();
            assertThat(answers.next().body()).isEqualTo("a /1 ");
            send(client, get(2));
            Eventually.holds("it is answered", old::answer);
            assertThat(answers.next().body()).isEqualTo("a /2 ");
        }
    }

    private static Outcome notNow(String reason) {
        return new Outcome("notNow", "HttpBoundary says not now: " + reason, null);
    }

    private static Captured captured(Outcomes outcomes) throws InterruptedException {
        Outcome outcome = outcomes.take();
        assertThat(outcome.what()).as(outcome.toString()).isEqualTo("captured");
        return outcome.captured();
    }

    @Test
    void aSlowAnswerIsGivenHereAndWhatThePipeliningClientSentMeanwhileMoves() throws Exception {
        HttpSite old = new HttpSite("a", Pace.WHEN_TOLD);
        HttpSite fresh = new HttpSite("b", Pace.AT_ONCE);
        try (MovingServer a = new MovingServer(old::pipeline);
                MovingServer b = new MovingServer(fresh::pipeline);
                Socket client = a.connect()) {
            HttpAnswers answers = new HttpAnswers(client);
            send(client, get(1));
            Eventually.holds("it is executed", () -> old.executed().size() == 1);
            Outcomes outcomes = a.outcomes(a.only());
            assertThat(outcomes.take()).isEqualTo(notNow("a request is being answered"));
            StringBuilder more = new StringBuilder();
            for (int i = 2; i <= 50; i++) {
                more.append(get(i));
            }
            send(client, more.toString());
            old.answer();
            assertThat(answers.next().body()).isEqualTo("a /1 ");
            b.move(captured(outcomes));
            for (int i = 2; i <= 50; i++) {
                assertThat(answers.next().body()).isEqualTo("b /" + i + ' ');
            }
            assertThat(old.executed()).containsExactly("/1");
        }
    }

    @Test
    void fiftyRequestsInOneWriteAreAnsweredByTheServerThatBeganThem() throws Exception {
        HttpSite old = new HttpSite("a", Pace.WHEN_TOLD);
        HttpSite fresh = new HttpSite("b", Pace.AT_ONCE);
        try (MovingServer a = new MovingServer(old::pipeline);
                MovingServer b = new MovingServer(fresh::pipeline);
                Socket client = a.connect()) {
            HttpAnswers answers = new HttpAnswers(client);
            StringBuilder many = new StringBuilder();
            for (int i = 0; i < 50; i++) {
                many.append(get(i));
            }
            send(client, many.toString());
            Eventually.holds("all are executed", () -> old.executed().size() == 50);
            Outcomes outcomes = a.outcomes(a.only());
            assertThat(outcomes.take().what()).isEqualTo("notNow");
            for (int i = 0; i < 50; i++) {
                assertThat(outcomes.isEmpty()).isTrue();
                old.answer();
                assertThat(answers.next().body()).isEqualTo("a /" + i + ' ');
            }
            b.move(captured(outcomes));
            send(client, get(50));
            assertThat(answers.next().body()).isEqualTo("b /50 ");
        }
    }

    @Test
    void aClientThatPipelinesWithoutPauseIsMovedAgainAndAgain() throws Exception {
        HttpSite old = new HttpSite("a", Pace.SOON);
        HttpSite fresh = new HttpSite("b", Pace.SOON);
        try (MovingServer a = new MovingServer(old::pipeline);
                MovingServer b = new MovingServer(fresh::pipeline);
                Socket client = a.connect()) {
            AtomicBoolean moving = new AtomicBoolean(true);
            Semaphore inFlight = new Semaphore(32);
            CompletableFuture<Integer> writer = Background.supply(() -> pipeline(client, moving, inFlight));
            CompletableFuture<List<String>> reader = Background.supply(() -> readAll(client, inFlight));
            MovingServer from = a;
            MovingServer to = b;
            for (int i = 0; i < 50; i++) {
                to.move(captureInTime(from));
                MovingServer other = from;
                from = to;
                to = other;
            }
            moving.set(false);
            int count = writer.join();
            assertThat(reader.join()).hasSize(count + 1);
            List<String> executed = new ArrayList<>(old.executed());
            executed.addAll(fresh.executed());
            assertThat(executed).hasSize(count + 1).doesNotHaveDuplicates();
        }
    }

    @Test
    void anAuthorWhoReadsExplicitlyIsServedBeforeAndAfterTheMove() throws Exception {
        HttpSite old = new HttpSite("a", Pace.SOON);
        HttpSite fresh = new HttpSite("b", Pace.SOON);
        try (MovingServer a = new MovingServer(child -> explicitly(child, old));
                MovingServer b = new MovingServer(child -> explicitly(child, fresh));
                Socket client = a.connect()) {
            HttpAnswers answers = new HttpAnswers(client);
            MovingServer from = a;
            MovingServer to = b;
            for (int i = 0; i < 20; i++) {
                send(client, get(3 * i) + get(3 * i + 1));
                Captured captured = captureInTime(from);
                send(client, get(3 * i + 2));
                to.move(captured);
                for (int j = 0; j < 3; j++) {
                    assertThat(answers.next().body()).endsWith(" /" + (3 * i + j) + ' ');
                }
                MovingServer other = from;
                from = to;
                to = other;
            }
        }
    }

    /** Reads again when an answer is written. */
    private static void explicitly(Channel child, HttpSite site) {
        child.config().setAutoRead(false);
        child.pipeline().addLast(new ChannelDuplexHandler() {
            @Override
            public void channelActive(ChannelHandlerContext ctx) {
                ctx.fireChannelActive();
                ctx.read();
            }

            @Override
            public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
                ctx.write(msg, promise).addListener(written -> ctx.read());
            }
        });
        site.pipeline(child);
    }

    private static Captured captureInTime(MovingServer from) throws Exception {
        TrackedConnection connection = from.only();
        Outcomes outcomes = from.outcomes(connection);
        Outcome outcome = outcomes.take();
        return outcome.captured() != null ? outcome.captured() : captured(outcomes);
    }

    private static int pipeline(Socket client, AtomicBoolean moving, Semaphore inFlight) {
        try {
            int number = 0;
            for (; moving.get(); number++) {
                inFlight.acquireUninterruptibly();
                send(client, get(number));
            }
            send(client, "GET /end HTTP/1.1\r\n\r\n");
            return number;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> readAll(Socket client, Semaphore inFlight) {
        List<String> read = new ArrayList<>();
        try {
            HttpAnswers answers = new HttpAnswers(client);
            while (read.isEmpty() || !read.get(read.size() - 1).contains("end")) {
                String body = answers.next().body();
                String expected = " /" + read.size() + ' ';
                if (!body.endsWith(expected) && !body.contains("end")) {
                    throw new AssertionError(body + " instead of" + expected);
                }
                read.add(body);
                inFlight.release();
            }
            return read;
        } catch (IOException e) {
            throw new AssertionError("after " + read.size() + " answers", e);
        }
    }
}
