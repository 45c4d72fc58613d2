package io.fdnetty.examples.chat;

import static io.netty.handler.codec.http.HttpResponseStatus.BAD_REQUEST;
import static io.netty.handler.codec.http.HttpResponseStatus.FORBIDDEN;
import static io.netty.handler.codec.http.HttpResponseStatus.METHOD_NOT_ALLOWED;
import static io.netty.handler.codec.http.HttpResponseStatus.MISDIRECTED_REQUEST;
import static io.netty.handler.codec.http.HttpResponseStatus.NOT_FOUND;
import static io.netty.handler.codec.http.HttpResponseStatus.OK;
import static io.netty.handler.codec.http.HttpResponseStatus.SERVICE_UNAVAILABLE;
import static io.netty.handler.codec.http.HttpResponseStatus.UPGRADE_REQUIRED;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.fdnetty.http.WebSocketBoundary;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker;
import io.netty.handler.timeout.ReadTimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers with the page, or opens the socket; every other answer ends its connection. */
final class ChatHttp extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final Logger logger = LoggerFactory.getLogger(ChatHttp.class);

    private static final String SOCKET_PATH = "/chat";
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
            + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private final Chat chat;
    private final Assets assets;

    ChatHttp(Chat chat, Assets assets) {
        this.chat = chat;
        this.assets = assets;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
        String path = request.uri().split("\\?", 2)[0];
        if (!request.decoderResult().isSuccess()) {
            refuse(ctx, request, BAD_REQUEST, "This is not HTTP.");
        } else if (!chat.visitors().mayVisit(request.headers())) {
            refuse(ctx, request, MISDIRECTED_REQUEST, "There is no such host here.");
        } else if (path.equals(SOCKET_PATH)) {
            openSocket(ctx, request);
        } else {
            serve(ctx, request, assets.get(path));
        }
    }

    private void serve(ChannelHandlerContext ctx, FullHttpRequest request, Assets.@Nullable Asset asset) {
        if (asset == null) {
            refuse(ctx, request, NOT_FOUND, "There is no such page.");
        } else if (!request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD)) {
            refuse(ctx, request, METHOD_NOT_ALLOWED, "This can only be read.");
        } else {
            answer(ctx, request, OK, asset.type(), Unpooled.wrappedBuffer(asset.content()));
        }
    }

    private void refuse(ChannelHandlerContext ctx, FullHttpRequest request, HttpResponseStatus status, String why) {
        answer(ctx, request, status, "text/plain; charset=utf-8", Unpooled.copiedBuffer(why + "\n", UTF_8));
    }

    /** Takes ownership of the content. */
    private static void answer(
            ChannelHandlerContext ctx,
            FullHttpRequest request,
            HttpResponseStatus status,
            String type,
            ByteBuf content) {
        int length = content.readableBytes();
        boolean isHead = request.method().equals(HttpMethod.HEAD);
        FullHttpResponse response =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, isHead ? content.clear() : content);
        HttpHeaders headers = response.headers();
        headers.set(HttpHeaderNames.CONTENT_TYPE, type);
        headers.set(HttpHeaderNames.CONTENT_LENGTH, length);
        headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        headers.set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_STORE);
        headers.set(HttpHeaderNames.CONTENT_SECURITY_POLICY, POLICY);
        headers.set("x-content-type-options", "nosniff");
        headers.set("referrer-policy", "no-referrer");
        headers.set("cross-origin-resource-policy", "same-origin");
        if (status.equals(METHOD_NOT_ALLOWED)) {
            headers.set(HttpHeaderNames.ALLOW, "GET, HEAD");
        }
        ctx.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
    }

    private void openSocket(ChannelHandlerContext ctx, FullHttpRequest request) {
        if (!chat.visitors().mayOpenSocket(request.headers())) {
            refuse(ctx, request, FORBIDDEN, "Only the page of this server may open its socket.");
        } else if (chat.rooms().isShut() && !isMoving(ctx)) {
            refuse(ctx, request, SERVICE_UNAVAILABLE, "The rooms have moved; come again.");
        } else if (!SocketPipeline.isHandshake(request)) {
            refuse(ctx, request, UPGRADE_REQUIRED, "This is a WebSocket of version 13.");
        } else {
            WebSocketServerHandshaker handshaker = SocketPipeline.handshaker(SOCKET_PATH);
            ChatSocket socket = ctx.pipeline().get(ChatSocket.class);
            handshaker.handshake(ctx.channel(), request);
            SocketPipeline.leaveHttp(ctx.pipeline());
            socket.opened();
        }
    }

    /** Whether this is the handshake of a socket that arrives, which its boundary repeats. */
    private static boolean isMoving(ChannelHandlerContext ctx) {
        WebSocketBoundary boundary = WebSocketBoundary.of(ctx.channel());
        return boundary != null && boundary.isWebSocket();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof ReadTimeoutException)) {
            logger.debug("{} ends", ctx.channel(), cause);
        }
        ctx.close();
    }
}
