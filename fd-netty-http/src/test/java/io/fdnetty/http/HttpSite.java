package io.fdnetty.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.handler.codec.http.HttpVersion;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** What a test's HTTP server does: it answers with its name, the path and the body, in order, as fast as it is told. */
final class HttpSite {
    /** How long an answer takes. */
    enum Pace {
        AT_ONCE,
        /** Up to a millisecond. */
        SOON,
        /** When {@link #answer} says so. */
        WHEN_TOLD
    }

    private final String name;
    private final Pace pace;
    private final List<String> executed = new CopyOnWriteArrayList<>();
    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();

    HttpSite(String name, Pace pace) {
        this.name = name;
        this.pace = pace;
    }

    /** The paths of the requests that were executed here. */
    List<String> executed() {
        return executed;
    }

    /** Answers the oldest request that waits; false if there is none. */
    boolean answer() {
        Runnable next = waiting.poll();
        if (next != null) {
            next.run();
        }
        return next != null;
    }

    void pipeline(Channel child) {
        child.pipeline()
                .addLast(
                        new HttpServerCodec(),
                        new HttpBoundary(),
                        new HttpServerKeepAliveHandler(),
                        new HttpObjectAggregator(1 << 20),
                        new Handler());
    }

    private final class Handler extends SimpleChannelInboundHandler<FullHttpRequest> {
        private final Deque<FullHttpResponse> answers = new ArrayDeque<>();

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
            executed.add(request.uri());
            String text = name + ' ' + request.uri() + ' ' + request.content().toString(UTF_8);
            FullHttpResponse answer = new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.copiedBuffer(text, UTF_8));
            answer.headers()
                    .set(HttpHeaderNames.CONTENT_LENGTH, answer.content().readableBytes());
            answers.add(answer);
            switch (pace) {
                case AT_ONCE -> next(ctx);
                case SOON ->
                    ctx.executor()
                            .schedule(
                                    () -> next(ctx), ThreadLocalRandom.current().nextInt(1000), TimeUnit.MICROSECONDS);
                case WHEN_TOLD -> waiting.add(() -> ctx.executor().execute(() -> next(ctx)));
            }
        }

        private void next(ChannelHandlerContext ctx) {
            ctx.writeAndFlush(answers.remove());
        }

        @Override
        public void handlerRemoved(ChannelHandlerContext ctx) {
            answers.forEach(FullHttpResponse::release);
            answers.clear();
        }
    }
}
