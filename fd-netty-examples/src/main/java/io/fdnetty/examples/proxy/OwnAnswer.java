package io.fdnetty.examples.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A response of the proxy's own: a status and a line of text. */
final class OwnAnswer {
    private static final DateTimeFormatter HTTP_DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH);

    private final Rejection rejection;
    private final byte[] text;

    OwnAnswer(Rejection rejection) {
        this.rejection = rejection;
        this.text = rejection.text().getBytes(UTF_8);
    }

    /**
     * Its head.
     *
     * @param request what is known of the request; null if it is not understood
     */
    HttpResponse head(@Nullable RequestFacts request, boolean keepAlive) {
        HttpHeaders headers = DefaultHttpHeadersFactory.headersFactory().newHeaders();
        headers.set(HttpHeaderNames.DATE, now());
        headers.set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8");
        headers.set(HttpHeaderNames.CONTENT_LENGTH, text.length);
        if (request == null) {
            headers.set(HttpHeaderNames.CONNECTION, "close");
        } else {
            HeaderRules.persistence(headers, request, keepAlive);
        }
        return request != null && request.isHead()
                ? new BodilessResponse(rejection.status(), headers)
                : new DefaultHttpResponse(HttpVersion.HTTP_1_1, rejection.status(), headers);
    }

    private static String now() {
        return HTTP_DATE.format(ZonedDateTime.now(ZoneOffset.UTC));
    }

    LastHttpContent body(@Nullable RequestFacts request) {
        boolean none = request != null && request.isHead();
        return none ? LastHttpContent.EMPTY_LAST_CONTENT : new DefaultLastHttpContent(Unpooled.wrappedBuffer(text));
    }

    /**
     * Head and body as they go over the wire, for a connection without a codec; it says that the connection is closed.
     */
    ByteBuf bytes() {
        String head = "HTTP/1.1 " + rejection.status() + "\r\nDate: " + now()
                + "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: " + text.length
                + "\r\nConnection: close\r\n\r\n";
        return Unpooled.wrappedBuffer(head.getBytes(UTF_8), text);
    }
}
