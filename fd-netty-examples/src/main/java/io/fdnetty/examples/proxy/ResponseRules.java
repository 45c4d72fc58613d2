package io.fdnetty.examples.proxy;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which responses of the backend are passed on, and what they say about its connection. */
final class ResponseRules {
    private static final Pattern KEEP_ALIVE_TIMEOUT = Pattern.compile("(?i)\\btimeout=(\\d{1,6})");
    private static final int MAX_STATUS = 999;

    private ResponseRules() {}

    /** What is wrong with the head of this response; null if nothing is. */
    static @Nullable String fault(HttpResponse response, RequestFacts request) {
        if (response.decoderResult().isFailure()) {
            return String.valueOf(response.decoderResult().cause().getMessage());
        }
        HttpResponseStatus status = response.status();
        if (status.code() < 100 || status.code() > MAX_STATUS) {
            return "its status is " + status.code();
        }
        if (status.equals(HttpResponseStatus.SWITCHING_PROTOCOLS)) {
            return switchingFault(response, request);
        }
        if (!response.protocolVersion().equals(HttpVersion.HTTP_1_1)
                && !response.protocolVersion().equals(HttpVersion.HTTP_1_0)) {
            return "it speaks " + response.protocolVersion();
        }
        List<String> codings = response.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING);
        boolean understood = codings.isEmpty()
                || (codings.size() == 1 && HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(codings.get(0)));
        return understood ? null : "its transfer coding is " + codings;
    }

    private static @Nullable String switchingFault(HttpResponse response, RequestFacts request) {
        if (!request.wantsUpgrade()) {
            return "it switches to a protocol that nobody asked for";
        }
        boolean webSocket = response.headers().contains(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true);
        return webSocket && !response.headers().contains(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT)
                ? "it agrees to a WebSocket without Sec-WebSocket-Accept"
                : null;
    }

    /**
     * Whether the backend's connection can carry another request after this response; asked before fields are dropped.
     */
    static boolean isReusable(HttpResponse response, RequestFacts request) {
        int status = response.status().code();
        boolean delimited = request.isHead()
                || status == 204
                || status == 304
                || response.headers().contains(HttpHeaderNames.CONTENT_LENGTH)
                || HttpUtil.isTransferEncodingChunked(response);
        return delimited && response.protocolVersion().equals(HttpVersion.HTTP_1_1) && HttpUtil.isKeepAlive(response);
    }

    /** How long the backend keeps the connection without use, as far as it says so; at most the limit. */
    static Duration idleLimit(HttpResponse response, Duration limit) {
        String told = response.headers().get("keep-alive");
        Matcher timeout = KEEP_ALIVE_TIMEOUT.matcher(told == null ? "" : told);
        if (!timeout.find()) {
            return limit;
        }
        Duration safe = Duration.ofSeconds(Math.max(0, Long.parseLong(timeout.group(1)) - 1));
        return safe.compareTo(limit) < 0 ? safe : limit;
    }
}
