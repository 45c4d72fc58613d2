package io.fdnetty.examples.proxy;

import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** The parts of requests that have been received and wait for their turn, which it owns. Event loop only. */
final class ReceivedParts {
    private final Deque<HttpObject> parts = new ArrayDeque<>();

    void add(HttpObject part) {
        parts.add(part);
    }

    @Nullable
    HttpObject peek() {
        return parts.peek();
    }

    /** Passes the ownership of the first one on. */
    void remove() {
        parts.remove();
    }

    boolean isEmpty() {
        return parts.isEmpty();
    }

    /** Whether the end of a request is among them. */
    boolean hasEnd() {
        return parts.stream().anyMatch(LastHttpContent.class::isInstance);
    }

    /** Drops what belongs to the request that has begun; returns whether its end was there. */
    boolean dropRestOfRequest() {
        while (parts.peek() instanceof HttpContent piece && !(piece instanceof HttpRequest)) {
            parts.remove();
            boolean last =
                    piece instanceof LastHttpContent && piece.decoderResult().isSuccess();
            piece.release();
            if (last) {
                return true;
            }
        }
        return false;
    }

    void dropAll() {
        parts.forEach(ReferenceCountUtil::release);
        parts.clear();
    }
}
