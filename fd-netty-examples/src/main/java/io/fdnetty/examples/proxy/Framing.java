package io.fdnetty.examples.proxy;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;

/** How the client learns where a response ends. RFC 9112, 6.3. */
enum Framing {
    /** There is no body. */
    NONE,
    LENGTH,
    CHUNKED,
    /** Where the connection ends: for a client of HTTP/1.0. */
    UNTIL_CLOSE;

    static Framing of(HttpResponse response, RequestFacts request) {
        int status = response.status().code();
        if (request.isHead() || status == 204 || status == 205 || status == 304) {
            return NONE;
        }
        if (response.headers().contains(HttpHeaderNames.CONTENT_LENGTH)) {
            return LENGTH;
        }
        return request.isOld() ? UNTIL_CLOSE : CHUNKED;
    }
}
