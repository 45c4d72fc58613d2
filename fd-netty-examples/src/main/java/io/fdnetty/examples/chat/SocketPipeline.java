package io.fdnetty.examples.chat;

import io.fdnetty.http.WebSocketBoundary;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker13;
import io.netty.handler.timeout.ReadTimeoutHandler;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The handlers of a connection, as it begins with HTTP and as it goes on as a socket. */
final class SocketPipeline {
    private static final int MAX_LINE = 4096;
    private static final int MAX_HEADERS = 8192;
    private static final int MAX_CHUNK = 8192;
    private static final int MAX_BODY = 1024;
    private static final long REQUEST_SECONDS = 15;
    private static final WebSocketDecoderConfig FRAMES = WebSocketDecoderConfig.newBuilder()
            .maxFramePayloadLength(Request.MAX_BYTES)
            .allowExtensions(false)
            .build();

    /** What is there for HTTP only, but for the codec, which the handshake needs to the end. */
    private static final List<Class<? extends ChannelHandler>> OF_HTTP =
            List.of(PageLoad.class, ReadTimeoutHandler.class, HttpObjectAggregator.class, ChatHttp.class);

    private SocketPipeline() {}

    static void build(ChannelPipeline pipeline, Chat chat, Assets assets) {
        pipeline.addLast(
                new PageLoad(),
                new WebSocketBoundary(Request.MAX_BYTES),
                new HttpServerCodec(MAX_LINE, MAX_HEADERS, MAX_CHUNK),
                new ReadTimeoutHandler(REQUEST_SECONDS, TimeUnit.SECONDS),
                new HttpObjectAggregator(MAX_BODY, true),
                new ChatHttp(chat, assets),
                new ChatSocket(chat));
    }

    static boolean isHandshake(FullHttpRequest request) {
        return request.method().equals(HttpMethod.GET)
                && request.headers().containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true)
                && request.headers().containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true)
                && request.headers().contains(HttpHeaderNames.SEC_WEBSOCKET_KEY)
                && "13".equals(request.headers().get(HttpHeaderNames.SEC_WEBSOCKET_VERSION));
    }

    static WebSocketServerHandshaker handshaker(String path) {
        return new WebSocketServerHandshaker13(path, null, FRAMES);
    }

    /** The handshake is under way, which adds the frame codec and removes that of HTTP. */
    static void leaveHttp(ChannelPipeline pipeline) {
        for (Class<? extends ChannelHandler> type : OF_HTTP) {
            if (pipeline.get(type) != null) {
                pipeline.remove(type);
            }
        }
        pipeline.addBefore(nameOfSocket(pipeline), null, new WebSocketFrameAggregator(Request.MAX_BYTES));
    }

    private static String nameOfSocket(ChannelPipeline pipeline) {
        return pipeline.context(ChatSocket.class).name();
    }
}
