package io.fdnetty.examples.proxy;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.util.Set;

/**
 * What has to be remembered of a valid request while it is answered. Immutable.
 *
 * @param isHead whether the answer has no body
 * @param isOld whether the client speaks HTTP/1.0
 * @param keepsAlive whether the client wants to go on afterwards
 * @param isRepeatable whether it may be sent twice: its method is idempotent, and there is no body to lose
 * @param upgrade the protocol that it asks for; empty if none, or one that is not passed on
 */
record RequestFacts(boolean isHead, boolean isOld, boolean keepsAlive, boolean isRepeatable, String upgrade) {
    private static final Set<String> IDEMPOTENT = Set.of("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE");

    static RequestFacts of(HttpRequest request) {
        boolean old = request.protocolVersion().equals(HttpVersion.HTTP_1_0);
        boolean bodiless = isBodiless(request.headers());
        return new RequestFacts(
                request.method().equals(HttpMethod.HEAD),
                old,
                HttpUtil.isKeepAlive(request),
                bodiless && IDEMPOTENT.contains(request.method().name()),
                old || !bodiless ? "" : upgrade(request.headers()));
    }

    private static boolean isBodiless(HttpHeaders headers) {
        return !headers.contains(HttpHeaderNames.TRANSFER_ENCODING)
                && (!headers.contains(HttpHeaderNames.CONTENT_LENGTH)
                        || headers.contains(HttpHeaderNames.CONTENT_LENGTH, "0", false));
    }

    /** HTTP/2 would hide its requests from the proxy: not passed on, the client goes on with HTTP/1.1. */
    private static String upgrade(HttpHeaders headers) {
        String wanted = String.join(", ", headers.getAll(HttpHeaderNames.UPGRADE));
        boolean meant = headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true);
        return meant && !wanted.regionMatches(true, 0, "h2", 0, 2) ? wanted : "";
    }

    boolean wantsUpgrade() {
        return !upgrade.isEmpty();
    }
}
