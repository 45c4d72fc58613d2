package io.fdnetty.examples.proxy;

import io.netty.handler.codec.http.HttpResponseStatus;

/**
 * Why an exchange ends with an answer of the proxy's own.
 *
 * @param reason one sentence for the client
 */
record Rejection(HttpResponseStatus status, String reason) {
    static Rejection malformed(String reason) {
        return new Rejection(HttpResponseStatus.BAD_REQUEST, reason);
    }

    static Rejection badGateway(String reason) {
        return new Rejection(HttpResponseStatus.BAD_GATEWAY, reason);
    }

    static Rejection gatewayTimeout(String reason) {
        return new Rejection(HttpResponseStatus.GATEWAY_TIMEOUT, reason);
    }

    static Rejection requestTimeout(String reason) {
        return new Rejection(HttpResponseStatus.REQUEST_TIMEOUT, reason);
    }

    static Rejection unavailable(String reason) {
        return new Rejection(HttpResponseStatus.SERVICE_UNAVAILABLE, reason);
    }

    /** The body of the answer. */
    String text() {
        return status + ": " + reason + '\n';
    }
}
