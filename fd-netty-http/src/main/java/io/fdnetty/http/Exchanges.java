package io.fdnetty.http;

import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Counts the requests and responses of one connection: what is begun, what is owed, and whether the connection has a
 * future.
 *
 * <p>Not thread-safe; does no I/O. RFC 9112, 6.3 (where a message ends) and 9.3 (which connections persist).
 */
final class Exchanges {
    private enum Outbound {
        NOTHING,
        /** A 1xx, which answers nothing. */
        INTERIM,
        FINAL
    }

    /** The methods of the requests that are not answered to the end, oldest first. */
    private final Queue<HttpMethod> owed = new ArrayDeque<>(1);

    private Outbound outbound = Outbound.NOTHING;
    private boolean receiving;
    private boolean switched;
    private @Nullable String ending;

    /** The head of a request, or a request as a whole, came in. */
    void requestBegins(HttpRequest request) {
        owed.add(request.method());
        receiving = true;
        if (!HttpUtil.isKeepAlive(request)) {
            end("the client wants it closed after the answer");
        }
        if (request.decoderResult().isFailure()) {
            undecodable();
        }
    }

    /** A piece of the body came in. */
    void received(HttpContent piece) {
        if (piece.decoderResult().isFailure()) {
            undecodable();
        }
        if (piece instanceof LastHttpContent) {
            receiving = false;
        }
    }

    /** The body of the request will not come: its expectation was turned down. */
    void bodyTurnedDown() {
        receiving = false;
    }

    /** Nothing that comes in can be understood from now on. */
    void undecodable() {
        end("what the client sent could not be decoded");
    }

    /**
     * Bytes go out that an encoder behind has made, or somebody's hand: inside of a response they are a piece of its
     * body.
     */
    void answeredInBytes() {
        if (outbound == Outbound.NOTHING && !switched && !owed.isEmpty()) {
            end("answers are written as bytes, which HttpBoundary cannot follow");
        }
    }

    /** The head of a response, or a response as a whole, goes out. */
    void responseBegins(HttpResponse response) {
        HttpResponseStatus status = response.status();
        if (status.code() == HttpResponseStatus.SWITCHING_PROTOCOLS.code()) {
            switched = true;
        } else if (status.codeClass() == HttpStatusClass.INFORMATIONAL) {
            outbound = Outbound.INTERIM;
        } else {
            finalResponseBegins(response, owed.peek());
        }
    }

    private void finalResponseBegins(HttpResponse response, @Nullable HttpMethod method) {
        outbound = Outbound.FINAL;
        if (HttpMethod.CONNECT.equals(method) && response.status().codeClass() == HttpStatusClass.SUCCESS) {
            switched = true;
        } else if (!HttpUtil.isKeepAlive(response)) {
            end("the answer says that it is closed");
        } else if (!HttpMethod.HEAD.equals(method) && !tellsItsLength(response)) {
            end("the answer ends where the connection ends");
        }
    }

    private static boolean tellsItsLength(HttpResponse response) {
        return switch (response.status().code()) {
            case 204, 205, 304 -> true;
            default ->
                response.headers().contains(HttpHeaderNames.CONTENT_LENGTH)
                        || HttpUtil.isTransferEncodingChunked(response);
        };
    }

    /**
     * The last piece of a response goes out.
     *
     * @return whether it was a final response
     */
    boolean responseEnds() {
        boolean wasFinal = outbound == Outbound.FINAL;
        if (wasFinal) {
            owed.poll();
        }
        outbound = Outbound.NOTHING;
        return wasFinal;
    }

    /** How many requests are not answered to the end. */
    int owed() {
        return owed.size();
    }

    /** Whether a request has begun whose end did not come in. */
    boolean isReceiving() {
        return receiving;
    }

    /** Whether the connection speaks another protocol now. */
    boolean isSwitched() {
        return switched;
    }

    /** Whether all that began has ended, in both directions. */
    boolean isSettled() {
        return owed.isEmpty() && !receiving && outbound == Outbound.NOTHING;
    }

    /** Why the connection ends with the exchanges that are under way; null if it persists. */
    @Nullable
    String ending() {
        return ending;
    }

    private void end(String reason) {
        if (ending == null) {
            ending = reason;
        }
    }
}
