package io.fdnetty.examples.proxy;

import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;

/** The answer to a HEAD request: its fields speak of a body that does not come. */
final class BodilessResponse extends DefaultHttpResponse {
    BodilessResponse(HttpResponseStatus status, HttpHeaders headers) {
        super(HttpVersion.HTTP_1_1, status, headers);
    }
}
