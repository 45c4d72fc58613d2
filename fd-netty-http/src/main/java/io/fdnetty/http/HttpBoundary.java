package io.fdnetty.http;

import static java.util.Objects.requireNonNull;

import io.fdnetty.move.MovableHandler;
import io.fdnetty.move.MoveDecision;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpExpectationFailedEvent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpObjectEncoder;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lets a connection of an HTTP/1.1 server move exactly between messages: when every request that has begun is answered
 * to the end. Put one into each pipeline, directly behind {@link io.netty.handler.codec.http.HttpServerCodec}, or
 * behind both the decoder and the encoder: where it sees no answers, connections stay.
 *
 * <pre>
 *   pipeline.addLast(new HttpServerCodec(), new HttpBoundary(), new HttpObjectAggregator(65536), new MyHandler());
 * </pre>
 *
 * <p>A request is answered by the process that its first line reached, or moves whole: none is lost, none is executed
 * twice. While a connection waits to move, the requests that have begun come to their end and later bytes are held
 * back, at most until a moment after the last answer, or while answers make progress, so that a busy client's
 * connection moves too; they move along unread. Answers may be unwritten when the connection moves. A connection that
 * ends with the exchange under way ({@code Connection: close}, HTTP/1.0, an answer without a length, bytes that are not
 * HTTP) does not move; after {@code 101} or a tunnel this handler has no say any more.
 *
 * <p>The {@linkplain #farewell farewell} of HTTP: the last answer that is owed, or the next one, says
 * {@code Connection: close}.
 *
 * <p>Event loop only. It answers for the HTTP decoder in front of it, and for a {@code ChunkedWriteHandler} or
 * {@code FlowControlHandler} behind it. Where Netty's modules are named and not opened to this one, the decoder cannot
 * be asked, and connections stay.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9112">RFC 9112</a>
 */
public final class HttpBoundary extends ChannelDuplexHandler implements MovableHandler {
    /** Handlers behind this one that hold nothing when nothing is owed; by name, since their jar may be absent. */
    private static final Set<String> EMPTY_WHEN_SETTLED =
            Set.of("io.netty.handler.stream.ChunkedWriteHandler", "io.netty.handler.flow.FlowControlHandler");

    private final Exchanges exchanges = new Exchanges();
    private final HttpClose lastWords = new HttpClose(exchanges);
    private @Nullable ChannelHandlerContext context;
    private @Nullable ChannelHandler codec;
    private @Nullable DecoderView decoder;
    private @Nullable RequestHold hold;

    /** For one connection. */
    public HttpBoundary() {}

    /** @throws IllegalStateException if no HTTP decoder of a server stands in front of it */
    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        codec = DecoderView.codecBefore(ctx);
        if (codec == null) {
            throw new IllegalStateException("HttpBoundary must stand behind HttpServerCodec");
        }
        decoder = DecoderView.of(codec);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (hold != null) {
            hold.release();
        }
    }

    @Override
    public MoveDecision mayMove(ChannelHandlerContext ctx, Runnable retry) {
        DecoderView view = decoder;
        if (isNeutral(ctx)) {
            return MoveDecision.yes();
        }
        if (view == null) {
            return MoveDecision.never("Netty's HTTP decoder cannot be looked into");
        }
        String obstacle = obstacle(ctx);
        if (obstacle != null) {
            return MoveDecision.never(obstacle);
        }
        if (lastWords.areWanted()) {
            return MoveDecision.notNow(whyNot());
        }
        return exchanges.isSettled() && view.isBetweenMessages()
                ? MoveDecision.yes()
                : MoveDecision.notNow(whyNot(), () -> holdBack(ctx, view, retry));
    }

    private void holdBack(ChannelHandlerContext ctx, DecoderView view, Runnable retry) {
        if (hold == null) {
            hold = new RequestHold(ctx, requireNonNull(codec), view);
        }
        hold.begin(retry);
    }

    /** Whether others decide, because the connection speaks another protocol now. */
    private boolean isNeutral(ChannelHandlerContext ctx) {
        return exchanges.isSwitched() || codec == null || ctx.pipeline().context(codec) == null;
    }

    /** It does, unless the connection is likely to become a WebSocket. */
    @Override
    public boolean knowsAnswers() {
        return context == null || context.pipeline().get(WebSocketBoundary.class) == null;
    }

    private @Nullable String obstacle(ChannelHandlerContext ctx) {
        return isEncodedBehind(ctx)
                ? "an HTTP encoder stands behind HttpBoundary, which sees no answers there: put HttpBoundary behind it"
                : exchanges.ending();
    }

    private boolean isEncodedBehind(ChannelHandlerContext ctx) {
        List<ChannelHandler> handlers = List.copyOf(ctx.pipeline().toMap().values());
        return handlers.subList(handlers.indexOf(this), handlers.size()).stream()
                .anyMatch(handler -> handler instanceof HttpObjectEncoder || handler instanceof HttpServerCodec);
    }

    private String whyNot() {
        boolean isComing = exchanges.isSettled() || exchanges.isReceiving();
        return isComing ? "a request is coming in" : "a request is being answered";
    }

    @Override
    public boolean vouchesFor(ChannelHandler other) {
        if (hold != null && hold.isOf(other)) {
            return true;
        }
        return !exchanges.isSwitched() && (other == codec || isEmptyWhenSettled(other));
    }

    private boolean isEmptyWhenSettled(ChannelHandler other) {
        if (context == null || !EMPTY_WHEN_SETTLED.contains(other.getClass().getName())) {
            return false;
        }
        List<ChannelHandler> handlers = List.copyOf(context.pipeline().toMap().values());
        return handlers.indexOf(other) > handlers.indexOf(this);
    }

    /**
     * Answers what is owed, or the next request if nothing is, with {@code Connection: close}, ignores what follows,
     * and closes. A client that sends nothing more is not disturbed: whoever said farewell closes the connection in the
     * end.
     */
    @Override
    public void farewell(ChannelHandlerContext ctx) {
        if (isNeutral(ctx)) {
            return;
        }
        lastWords.want();
        if (hold != null) {
            hold.release();
        }
        if (exchanges.ending() != null && exchanges.owed() == 0) {
            closeAfter(ctx, ctx.newPromise(), Unpooled.EMPTY_BUFFER);
            ctx.flush();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        if (!(msg instanceof HttpObject) || exchanges.isSwitched()) {
            ctx.fireChannelRead(msg);
        } else if (lastWords.ignores(msg)) {
            ReferenceCountUtil.release(msg);
        } else {
            countInbound(msg);
            ctx.fireChannelRead(msg);
            advance();
        }
    }

    private void countInbound(Object msg) {
        if (msg instanceof HttpRequest request) {
            exchanges.requestBegins(request);
        }
        if (msg instanceof HttpContent content) {
            exchanges.received(content);
        }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
        if (!(msg instanceof HttpObject) || exchanges.isSwitched()) {
            if (msg instanceof ByteBuf bytes && bytes.isReadable()) {
                exchanges.answeredInBytes();
                advance();
            }
            ctx.write(msg, promise);
            return;
        }
        if (msg instanceof HttpResponse response) {
            lastWords.mark(response);
            exchanges.responseBegins(response);
        }
        if (msg instanceof LastHttpContent && exchanges.responseEnds() && lastWords.areSaid()) {
            closeAfter(ctx, promise, msg);
        } else {
            ctx.write(msg, promise);
        }
        advance();
    }

    private static void closeAfter(ChannelHandlerContext ctx, ChannelPromise promise, Object last) {
        ctx.write(last, promise.unvoid()).addListener(written -> HttpClose.close(ctx.channel()));
    }

    /** Something began or ended. */
    private void advance() {
        if (hold == null) {
            return;
        }
        hold.progress();
        if (exchanges.isSwitched() || exchanges.ending() != null) {
            hold.release();
        } else if (exchanges.isSettled()) {
            hold.settled();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object evt) {
        if (evt instanceof HttpExpectationFailedEvent) {
            exchanges.bodyTurnedDown();
        }
        ctx.fireUserEventTriggered(evt);
        if (evt instanceof ChannelInputShutdownEvent && lastWords.areSaid()) {
            ctx.close();
        }
    }

    /** Reads on, so that nothing unread turns the close into a reset. */
    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ctx.fireChannelReadComplete();
        if (lastWords.areSaid() && !ctx.channel().config().isAutoRead()) {
            ctx.read();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        boolean isUndecodable = cause instanceof DecoderException;
        if (isUndecodable) {
            exchanges.undecodable();
            advance();
        }
        if (!isUndecodable || !lastWords.isDeaf()) {
            ctx.fireExceptionCaught(cause);
        }
    }
}
