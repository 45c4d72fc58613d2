package io.fdnetty.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.move.MoveDecision;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What reaches the decoder while a connection waits to move, on channels without a socket. */
class RequestGateTest {
    private static final String FIXED = "POST /fixed HTTP/1.1\r\nContent-Length: 12\r\n\r\nPOST \n\r\n\r\n\n ";
    private static final String CHUNKED = String.join(
            "\r\n",
            List.of(
                    "POST /chunked HTTP/1.1",
                    "Transfer-Encoding: chunked",
                    "",
                    "8",
                    "ab",
                    "0",
                    "\n",
                    "A;x=y",
                    "0123\n56789",
                    "0",
                    "Trailer: t",
                    "",
                    ""));
    private static final String EMPTY = "GET /empty HTTP/1.1\r\nHost: x\r\n\r\n";
    private static final List<String> MESSAGES = List.of(EMPTY, FIXED, "\r\n" + CHUNKED, FIXED, EMPTY);
    private static final String ALL = String.join("", MESSAGES);
    private static final List<String> REQUESTS = List.of(
            "/empty ",
            "/fixed POST \n\r\n\r\n\n ",
            "/chunked ab\r\n0\r\n\n0123\n56789",
            "/fixed POST \n\r\n\r\n\n ",
            "/empty ");

    /** A server on a channel without a socket. */
    private static final class Server {
        final HttpBoundary boundary = new HttpBoundary();
        final EmbeddedChannel channel =
                new EmbeddedChannel(new HttpServerCodec(), boundary, new HttpObjectAggregator(1000));
        final List<String> requests = new ArrayList<>();
        final AtomicInteger told = new AtomicInteger();
        int answered;

        void receive(String bytes) {
            if (!bytes.isEmpty()) {
                channel.writeInbound(Unpooled.copiedBuffer(bytes, UTF_8));
            }
            collect();
        }

        void collect() {
            for (FullHttpRequest next = channel.readInbound(); next != null; next = channel.readInbound()) {
                requests.add(next.uri() + ' ' + next.content().toString(UTF_8));
                next.release();
            }
        }

        boolean mayMove() {
            MoveDecision decision = boundary.mayMove(channel.pipeline().context(boundary), told::incrementAndGet);
            decision.prepare();
            return decision.isYes();
        }

        void answerAll() {
            for (; answered < requests.size(); answered++) {
                DefaultFullHttpResponse ok =
                        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.EMPTY_BUFFER);
                ok.headers().set(HttpHeaderNames.CONTENT_LENGTH, 0);
                channel.writeOutbound(ok);
            }
        }

        /** Removes the handlers, last first, and returns the unread bytes. */
        String strip() {
            StringBuilder unread = new StringBuilder();
            ChannelPipeline pipeline = channel.pipeline();
            List<ChannelHandler> handlers = new ArrayList<>();
            pipeline.names().forEach(name -> {
                if (pipeline.get(name) != null) {
                    handlers.add(pipeline.get(name));
                }
            });
            pipeline.addLast(new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext ctx, Object msg) {
                    ByteBuf bytes = (ByteBuf) msg;
                    unread.append(bytes.toString(UTF_8));
                    bytes.release();
                }
            });
            for (int i = handlers.size() - 1; i >= 0; i--) {
                pipeline.remove(handlers.get(i));
            }
            return unread.toString();
        }

        void close() {
            channel.finishAndReleaseAll();
        }
    }

    @Test
    void whateverTheMomentEveryRequestIsExecutedOnceAndThoseBegunHereAreAnsweredHere() {
        int[] steps = {ALL.length(), 50, ALL.length(), 7, ALL.length(), 50, 1};
        for (int asked = 0; asked <= ALL.length(); asked++) {
            move(asked, steps[asked % steps.length]);
        }
    }

    /** Asked after so many bytes, then more in steps of that size until it may move. */
    private static void move(int asked, int step) {
        Server old = new Server();
        old.receive(ALL.substring(0, asked));
        int at = asked;
        boolean may = old.mayMove();
        while (!may) {
            int next = Math.min(at + step, ALL.length());
            old.receive(ALL.substring(at, next));
            at = next;
            old.answerAll();
            may = old.told.get() > 0 && old.mayMove();
        }
        int begun = old.requests.size();
        String unread = old.strip() + ALL.substring(at);
        String left = String.join("", MESSAGES.subList(begun, MESSAGES.size()));
        assertThat(old.requests).as("asked after %d", asked).isEqualTo(REQUESTS.subList(0, begun));
        assertThat(unread.strip()).as("asked after %d", asked).isEqualTo(left.strip());
        assertThat(begun).as("asked after %d", asked).isLessThanOrEqualTo(begunBy(asked));
        old.close();
    }

    /** How many requests have begun when the decoder was given so many bytes. */
    private static int begunBy(int bytes) {
        int begun = 0;
        int at = 0;
        for (String message : MESSAGES) {
            begun += bytes > at ? 1 : 0;
            at += message.length();
        }
        return begun;
    }

    @Test
    void whenNobodyComesForTheConnectionItGoesOnAfterAMoment() {
        Server server = new Server();
        server.receive(EMPTY);
        assertThat(server.mayMove()).isFalse();
        server.receive(EMPTY + EMPTY);
        server.answerAll();
        assertThat(server.told).hasValue(1);
        assertThat(server.requests).hasSize(1);
        server.channel.advanceTimeBy(1, TimeUnit.SECONDS);
        server.channel.runPendingTasks();
        server.collect();
        assertThat(server.requests).hasSize(3);
        assertThat(server.channel.pipeline().get(RequestGate.class)).isNull();
        server.close();
    }

    @Test
    void aClientThatEndsItsOutputGetsItsAnswersHere() {
        Server server = new Server();
        server.receive(EMPTY);
        assertThat(server.mayMove()).isFalse();
        server.receive(EMPTY + EMPTY);
        server.channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        server.collect();
        assertThat(server.requests).hasSize(3);
        server.close();
    }

    @Test
    void muchThatIsHeldStopsTheReadingUntilItGoesOn() {
        Server server = new Server();
        Channel channel = server.channel;
        server.receive(EMPTY);
        assertThat(server.mayMove()).isFalse();
        server.receive(EMPTY.repeat(3000));
        assertThat(channel.config().isAutoRead()).isFalse();
        server.strip();
        assertThat(channel.config().isAutoRead()).isTrue();
        server.close();
    }

    @Test
    void anUpgradeEndsTheWaitAndTheHold() {
        Server server = new Server();
        server.receive("GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n");
        assertThat(server.mayMove()).isFalse();
        server.receive("not HTTP");
        server.channel.writeOutbound(
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS));
        assertThat(server.told).hasValue(1);
        server.channel.runPendingTasks();
        assertThat(server.channel.pipeline().get(RequestGate.class)).isNull();
        assertThat(server.boundary.vouchesFor(server.channel.pipeline().get(HttpServerCodec.class)))
                .isFalse();
        server.close();
    }

    /** A client whose answer is slow, or is given where the boundary cannot see it, is not kept waiting for ever. */
    @Test
    void whatIsHeldGoesOnItsWayWhenNoExchangeMakesProgress() {
        Server server = new Server();
        server.channel.freezeTime();
        server.receive(EMPTY);
        assertThat(server.mayMove()).isFalse();
        server.receive(EMPTY);
        assertThat(server.requests).hasSize(1);
        server.channel.advanceTimeBy(10, TimeUnit.SECONDS);
        server.channel.runScheduledPendingTasks();
        server.collect();
        assertThat(server.requests).hasSize(2);
        server.answerAll();
        assertThat(server.told).hasValue(1);
        assertThat(server.mayMove()).isTrue();
        server.channel.finishAndReleaseAll();
    }

    @Test
    void anAnswerInBytesCannotBeFollowed() {
        Server server = new Server();
        server.receive(EMPTY);
        ChannelHandlerContext context = server.channel.pipeline().context(server.boundary);
        assertThat(server.boundary.mayMove(context, () -> {}).isNever()).isFalse();
        server.channel.pipeline().context(HttpObjectAggregator.class).write(Unpooled.copiedBuffer("HTTP", UTF_8));
        assertThat(server.boundary.mayMove(context, () -> {}).reason()).contains("answers are written as bytes");
        server.channel.finishAndReleaseAll();
    }
}
