package io.fdnetty.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.Objects.requireNonNull;
import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.fdnetty.Connections;
import io.fdnetty.move.MovableHandler;
import io.fdnetty.move.MoveDecision;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandler;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http.HttpObjectDecoder;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrameDecoder;
import io.netty.util.concurrent.Future;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Lets a WebSocket connection move between two messages. It stands first in the pipeline, before the HTTP codec:
 *
 * <pre>{@code
 * pipeline.addLast(
 *         new WebSocketBoundary(),
 *         new HttpServerCodec(),
 *         new HttpObjectAggregator(65536),
 *         new WebSocketServerProtocolHandler("/chat"),
 *         new ChatHandler());                                  // a MovableHandler, if it has a state
 * }</pre>
 *
 * <p>The initializer builds the same pipeline for connections that arrive (of a kind that is
 * {@link io.fdnetty.move.MoveOptions#restored() restored}). If the one that arrives is a WebSocket, this handler has
 * the handshake repeated by the handlers behind it, while the connection is still held: they hear the request that the
 * old process heard, and the answer goes nowhere. So the frame codec, the extensions and the limits are those that the
 * new program configures. The handlers behind {@code WebSocketServerProtocolHandler} hear nothing of it: no second
 * {@code HandshakeComplete}. The answer must be written at once, and agree to the same subprotocol and extensions, or
 * else the connection is rejected and goes back. For a handshake that takes its time there is {@link WebSocketReplay}.
 *
 * <p>Once the connection is a WebSocket, whole frames are passed on, so that the decoder behind never holds a part of
 * one. The connection may move when no fragmented message is in progress in either direction, and its closing handshake
 * has not begun; half a frame travels unread. Who was told "not now" hears of the end of the message, and the frames
 * behind it wait for {@value #HOLD_MILLIS} ms or 1 MiB, whichever is less, and while the connection stands still, so
 * that a client that never pauses moves too. Compression must be without context takeover ({@link WebSocketDeflate});
 * with it, or with other extensions, the connection drains and is told 1012 (service restart).
 *
 * <p>A connection that is still HTTP is left to a handler that knows (one that vouches for the HTTP codec). Without one
 * it may move until its first byte.
 *
 * <p>Event loop only. See RFC 6455 and RFC 7692.
 */
public class WebSocketBoundary extends ByteToMessageDecoder implements ChannelOutboundHandler, MovableHandler {
    private static final int DEFAULT_MAX_FRAME_PAYLOAD = 64 << 10;
    private static final int HOLD_MILLIS = 100;

    /** How much may wait here, but for a frame. */
    static final int MAX_HELD = 1 << 20;

    /** What the bytes are. */
    enum Phase {
        /** Messages of HTTP. */
        HTTP,
        /** The server answers a handshake that the client knows answered; what the client sends waits. */
        REPEATING,
        /** Frames. */
        WEBSOCKET
    }

    private final int maxFramePayload;
    private final HandshakeWatch watch = new HandshakeWatch();
    private final HeadCollector answer = new HeadCollector("HTTP/1.1 101");
    private final WebSocketFrameCursor inbound = new WebSocketFrameCursor();
    private final WebSocketFrameCursor outbound = new WebSocketFrameCursor();
    private final WebSocketClose goodbye = new WebSocketClose(outbound);
    private Phase phase = Phase.HTTP;
    private boolean answering;
    private boolean torn;
    /** How many of the bytes that wait here the cursor has gone over. */
    private int walked;

    private @Nullable Handshake handshake;
    private @Nullable Runnable waiting;
    private @Nullable Future<?> hold;

    /** For decoders with Netty's default limit. */
    public WebSocketBoundary() {
        this(DEFAULT_MAX_FRAME_PAYLOAD);
    }

    /**
     * @param maxFramePayload the limit of the frame decoder, in bytes. Longer frames are passed on as they come; the
     *     connection does not move in the middle of one.
     */
    public WebSocketBoundary(int maxFramePayload) {
        if (maxFramePayload < 0) {
            throw new IllegalArgumentException("maxFramePayload: " + maxFramePayload);
        }
        this.maxFramePayload = maxFramePayload;
    }

    /** The one in this channel's pipeline; null if there is none. */
    public static @Nullable WebSocketBoundary of(Channel channel) {
        return channel.pipeline().get(WebSocketBoundary.class);
    }

    /** Whether the connection has become a WebSocket. */
    public final boolean isWebSocket() {
        return handshake != null;
    }

    /** The target of the request with which the connection became a WebSocket; empty if it did not. */
    public final String requestUri() {
        return handshake == null ? "" : handshake.requestUri();
    }

    /** The subprotocol that was agreed on; empty if none. */
    public final String subprotocol() {
        return handshake == null ? "" : handshake.subprotocol();
    }

    // ---- when it may move

    @Override
    public boolean vouchesFor(ChannelHandler other) {
        return other instanceof HttpServerCodec
                || other instanceof HttpObjectDecoder
                || other instanceof WebSocketFrameDecoder;
    }

    @Override
    public MoveDecision mayMove(ChannelHandlerContext ctx, Runnable retry) {
        String never = handshake == null ? null : obstacle(handshake);
        if (never != null) {
            return MoveDecision.never(never);
        }
        if (phase == Phase.HTTP ? watch.isUntouched() || HttpVoucher.isIn(ctx, this) : isAtBoundary()) {
            waiting = null;
            return MoveDecision.yes();
        }
        return MoveDecision.notNow(whyNot(), () -> waiting = retry);
    }

    private @Nullable String obstacle(Handshake agreed) {
        if (goodbye.isWanted() || inbound.isClosed() || outbound.isClosed()) {
            return "the WebSocket is being closed";
        }
        if (inbound.isBroken() || outbound.isBroken() || torn || watch.clientSentMore()) {
            return "what goes over the WebSocket are no frames";
        }
        return agreed.obstacle();
    }

    /** The handshake is repeated, with all that it does to the pipeline. */
    @Override
    public boolean rebuildsPipeline() {
        return isWebSocket();
    }

    /** It knows frames, and not what the application makes of them. */
    @Override
    public boolean knowsAnswers() {
        return false;
    }

    private String whyNot() {
        return switch (phase) {
            case HTTP -> "it speaks HTTP, and no handler knows when it may move";
            case REPEATING -> "its handshake is being repeated";
            case WEBSOCKET -> answering ? "its handshake is being answered" : "a message is in progress";
        };
    }

    private boolean isAtBoundary() {
        return phase == Phase.WEBSOCKET
                && !answering
                && !inbound.isInMessage()
                && !inbound.isLongerThan(maxFramePayload)
                && outbound.isBetweenMessages();
    }

    /** Whoever waits for the boundary gets a moment in which it stays one. */
    private void tellWhoWaits(ChannelHandlerContext ctx) {
        Runnable now = waiting;
        if (now != null && isAtBoundary()) {
            waiting = null;
            if (hold == null) {
                hold = ctx.executor().schedule(() -> endHold(ctx), HOLD_MILLIS, MILLISECONDS);
            }
            now.run();
        }
    }

    /** A frame that is passed on while others wait for the connection to be taken out would take its moment away. */
    private void endHold(ChannelHandlerContext ctx) {
        if (Connections.isStopped(ctx.channel())) {
            hold = ctx.executor().schedule(() -> endHold(ctx), HOLD_MILLIS, MILLISECONDS);
        } else {
            hold = null;
            passOn(ctx);
        }
    }

    /** Goes on with the bytes that wait here. */
    final void passOn(ChannelHandlerContext ctx) {
        if (!ctx.isRemoved()) {
            try {
                channelRead(ctx, Unpooled.EMPTY_BUFFER);
                channelReadComplete(ctx);
            } catch (Exception e) {
                ctx.fireExceptionCaught(e);
            }
        }
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) {
        if (hold != null) {
            hold.cancel(false);
        }
    }

    // ---- the bytes of the client

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        switch (phase) {
            case HTTP -> {
                watch.inbound(in);
                out.add(in.readRetainedSlice(in.readableBytes()));
            }
            case REPEATING -> heldWhileRepeating(ctx, in.readableBytes());
            case WEBSOCKET -> passFrames(ctx, in, out);
        }
    }

    void heldWhileRepeating(ChannelHandlerContext ctx, int bytes) {}

    private void passFrames(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (hold != null && in.readableBytes() > MAX_HELD) {
            hold.cancel(false);
            hold = null;
        }
        int start = in.readerIndex();
        int index = start + walked;
        int whole = start;
        while (index < in.writerIndex() && hold == null) {
            index = inbound.advance(in, index, in.writerIndex());
            if (inbound.isBetweenFrames() || inbound.isLongerThan(maxFramePayload) || inbound.isBroken()) {
                whole = index;
            }
            tellWhoWaits(ctx);
        }
        walked = index - whole;
        if (whole > start) {
            out.add(in.readRetainedSlice(whole - start));
        }
        if (goodbye.isSaid() && inbound.isClosed()) {
            ctx.executor().execute(ctx::close);
        }
    }

    /** Nothing comes any more: what waits is passed on. */
    @Override
    protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (in.isReadable()) {
            torn = true;
            out.add(in.readRetainedSlice(in.readableBytes()));
        }
    }

    // ---- the bytes of the server

    @Override
    public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
        if (msg instanceof ByteBuf bytes) {
            switch (phase) {
                case HTTP -> writeHttp(ctx, bytes, promise);
                case REPEATING -> writeAnswer(ctx, bytes, promise);
                case WEBSOCKET -> writeFrames(ctx, bytes, promise);
            }
        } else {
            if (phase != Phase.HTTP) {
                outbound.lose();
            }
            ctx.write(msg, promise);
        }
    }

    private void writeHttp(ChannelHandlerContext ctx, ByteBuf bytes, ChannelPromise promise) {
        int end = watch.outbound(bytes);
        if (end < 0) {
            ctx.write(bytes, promise);
            return;
        }
        handshake = watch.handshake();
        phase = Phase.WEBSOCKET;
        answering = true;
        outbound.follow(bytes, end, bytes.writerIndex());
        ctx.write(bytes, promise.unvoid()).addListener(written -> {
            answering = false;
            tellWhoWaits(ctx);
        });
    }

    private void writeFrames(ChannelHandlerContext ctx, ByteBuf bytes, ChannelPromise promise) {
        if (goodbye.isSaid()) {
            bytes.release();
            promise.tryFailure(new ClosedChannelException());
            return;
        }
        outbound.follow(bytes, bytes.readerIndex(), bytes.writerIndex());
        ctx.write(bytes, promise);
        goodbye.sayWhenPossible(ctx);
        tellWhoWaits(ctx);
    }

    /** Swallows the answer that the client has already. */
    private void writeAnswer(ChannelHandlerContext ctx, ByteBuf bytes, ChannelPromise promise) {
        int to = bytes.writerIndex();
        int end = answer.collect(bytes, bytes.readerIndex(), to);
        boolean isAnswer = answer.isComplete() ? answered() : end == to;
        if (phase == Phase.WEBSOCKET && end < to) {
            writeFrames(ctx, bytes.readerIndex(end), promise);
        } else {
            bytes.release();
            promise.trySuccess();
        }
        if (!isAnswer) {
            notRepeated(ctx, "its handshake was answered otherwise");
        } else if (phase == Phase.WEBSOCKET) {
            repeated(ctx);
        }
    }

    private boolean answered() {
        String request = requireNonNull(handshake).requestHead();
        HttpHead head = HttpHead.parse(answer.text());
        answer.clear();
        boolean accepted = Handshake.accepts(HttpHead.parse(request), head);
        if (accepted) {
            handshake = Handshake.of(request, head);
            phase = Phase.WEBSOCKET;
        }
        return accepted;
    }

    // ---- moving

    @Override
    public String stateName() {
        return "WebSocket";
    }

    @Override
    public int stateVersion() {
        return 1;
    }

    @Override
    public void saveState(ChannelHandlerContext ctx, ByteBuf out) {
        out.writeBoolean(handshake != null);
        if (handshake != null) {
            handshake.write(out);
        }
    }

    @Override
    public void restoreState(ChannelHandlerContext ctx, int version, ByteBuf in) {
        if (in.readBoolean()) {
            Handshake saved = Handshake.read(in);
            handshake = saved;
            phase = Phase.REPEATING;
            arrived(ctx, saved);
        }
    }

    /** A WebSocket arrived: the moment to repeat its handshake, or to wait for a better one. */
    void arrived(ChannelHandlerContext ctx, Handshake saved) {
        HandshakeSilencer.addTo(ctx.pipeline());
        repeat(ctx);
        if (phase != Phase.WEBSOCKET) {
            throw new IllegalStateException("the WebSocket handshake was not answered with a 101 at once");
        }
        if (!saved.equals(handshake)) {
            throw new IllegalStateException("another subprotocol or other extensions were agreed on than before");
        }
    }

    final @Nullable Handshake handshake() {
        return handshake;
    }

    final boolean isRepeating() {
        return phase == Phase.REPEATING;
    }

    final void repeat(ChannelHandlerContext ctx) {
        ctx.fireChannelRead(Unpooled.copiedBuffer(requireNonNull(handshake).requestHead(), ISO_8859_1));
        ctx.fireChannelReadComplete();
    }

    /** The handlers behind have answered the handshake as they should. */
    void repeated(ChannelHandlerContext ctx) {
        tellWhoWaits(ctx);
    }

    void notRepeated(ChannelHandlerContext ctx, String reason) {}

    // ---- ending

    /** Tells the client 1012, service restart, and waits for its close frame; closes what is no WebSocket yet. */
    @Override
    public void farewell(ChannelHandlerContext ctx) {
        if (handshake != null) {
            farewell(ctx, WebSocketCloseStatus.SERVICE_RESTART);
        } else if (!HttpVoucher.isIn(ctx, this)) {
            ctx.close();
        }
    }

    final void farewell(ChannelHandlerContext ctx, WebSocketCloseStatus status) {
        goodbye.want(status);
        goodbye.sayWhenPossible(ctx);
        if (inbound.isClosed() || outbound.isBroken()) {
            ctx.close();
        }
    }

    // ---- passed on

    @Override
    public void bind(ChannelHandlerContext ctx, SocketAddress local, ChannelPromise promise) {
        ctx.bind(local, promise);
    }

    @Override
    public void connect(
            ChannelHandlerContext ctx, SocketAddress remote, @Nullable SocketAddress local, ChannelPromise promise) {
        ctx.connect(remote, local, promise);
    }

    @Override
    public void disconnect(ChannelHandlerContext ctx, ChannelPromise promise) {
        ctx.disconnect(promise);
    }

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        ctx.close(promise);
    }

    @Override
    public void deregister(ChannelHandlerContext ctx, ChannelPromise promise) {
        ctx.deregister(promise);
    }

    @Override
    public void read(ChannelHandlerContext ctx) {
        ctx.read();
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
        ctx.flush();
    }
}
