package io.fdnetty.http;

import static io.fdnetty.internal.capture.Clients.send;
import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.http.HttpAnswers.Answer;
import io.fdnetty.http.HttpSite.Pace;
import io.fdnetty.internal.capture.MovingServer;
import io.fdnetty.testing.DescriptorLeaks;
import io.fdnetty.testing.Eventually;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** How HTTP connections end at the drain deadline. */
@ExtendWith(DescriptorLeaks.class)
@Timeout(60)
class FarewellTest {
    private static final String GET = "GET /%d HTTP/1.1\r\nHost: x\r\n\r\n";

    /** The event loop has done what it was told before. */
    private static void farewell(MovingServer server) {
        server.only().farewell();
        server.only().eventLoop().submit(() -> {}).syncUninterruptibly();
    }

    @Test
    void theNextAnswerOfAnIdleConnectionSaysThatItIsTheLast() throws Exception {
        HttpSite site = new HttpSite("a", Pace.AT_ONCE);
        try (MovingServer server = new MovingServer(site::pipeline);
                Socket client = server.connect()) {
            HttpAnswers answers = new HttpAnswers(client);
            send(client, GET.formatted(1));
            assertThat(answers.next().has("connection: close")).isFalse();
            farewell(server);
            send(client, GET.formatted(2) + GET.formatted(3));
            Answer last = answers.next();
            assertThat(last.body()).isEqualTo("a /2 ");
            assertThat(last.has("connection: close")).isTrue();
            assertThat(answers.isAtEnd()).isTrue();
            assertThat(site.executed()).containsExactly("/1", "/2");
        }
    }

    @Test
    void ofSeveralRequestsThatAreOwedTheLastAnswerSaysIt() throws Exception {
        HttpSite site = new HttpSite("a", Pace.WHEN_TOLD);
        try (MovingServer server = new MovingServer(site::pipeline);
                Socket client = server.connect()) {
            HttpAnswers answers = new HttpAnswers(client);
            send(client, GET.formatted(1) + GET.formatted(2));
            Eventually.holds("both are executed", () -> site.executed().size() == 2);
            farewell(server);
            send(client, GET.formatted(3));
            site.answer();
            assertThat(answers.next().has("connection: close")).isFalse();
            site.answer();
            Answer last = answers.next();
            assertThat(last.body()).isEqualTo("a /2 ");
            assertThat(last.has("connection: close")).isTrue();
            assertThat(answers.isAtEnd()).isTrue();
            assertThat(site.executed()).containsExactly("/1", "/2");
        }
    }

    @Test
    void anAnswerThatHasBegunIsFinishedAndTheConnectionEndsThen() throws Exception {
        CompletableFuture<ChannelHandlerContext> begun = new CompletableFuture<>();
        try (MovingServer server = new MovingServer(child -> begins(child, begun));
                Socket client = server.connect()) {
            HttpAnswers answers = new HttpAnswers(client);
            send(client, GET.formatted(1));
            ChannelHandlerContext ctx = begun.get(10, TimeUnit.SECONDS);
            farewell(server);
            ctx.writeAndFlush(new DefaultHttpContent(Unpooled.copiedBuffer("half", StandardCharsets.UTF_8)));
            ctx.writeAndFlush(new DefaultLastHttpContent(Unpooled.copiedBuffer("full", StandardCharsets.UTF_8)));
            assertThat(answers.next().body()).isEqualTo("halffull");
            assertThat(answers.isAtEnd()).isTrue();
        }
    }

    private static void begins(Channel child, CompletableFuture<ChannelHandlerContext> begun) {
        child.pipeline()
                .addLast(new HttpServerCodec(), new HttpBoundary(), new SimpleChannelInboundHandler<HttpRequest>() {
                    @Override
                    protected void channelRead0(ChannelHandlerContext ctx, HttpRequest request) {
                        HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
                        head.headers().set(HttpHeaderNames.CONTENT_LENGTH, 8);
                        ctx.writeAndFlush(head);
                        begun.complete(ctx);
                    }
                });
    }

    @Test
    void aClientThatPipelinesOnReadsTheLastAnswerAndNoReset() throws Exception {
        HttpSite site = new HttpSite("a", Pace.AT_ONCE);
        try (MovingServer server = new MovingServer(site::pipeline);
                Socket client = server.connect()) {
            HttpAnswers answers = new HttpAnswers(client);
            farewell(server);
            send(client, GET.formatted(1).repeat(20_000));
            assertThat(answers.next().has("connection: close")).isTrue();
            assertThat(answers.isAtEnd()).isTrue();
            assertThat(site.executed()).hasSize(1);
        }
    }
}
