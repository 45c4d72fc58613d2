package io.fdnetty.examples.proxy;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which requests are passed on: those about whose meaning no two servers can disagree. What the codec finds wrong comes
 * here as a failed result; the rest is looked at here. RFC 9112, 3.2 and 6; RFC 9110, 7.6.1 and 10.1.1.
 */
final class RequestRules {
    private static final Pattern HOST =
            Pattern.compile("(?:\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9._~!$&'()*+,;=%-]+)(?::[0-9]{0,5})?");

    private RequestRules() {}

    /** Why this request is not passed on; null if it is. */
    static @Nullable Rejection check(HttpRequest request) {
        if (request.decoderResult().isFailure()) {
            return undecodable(request.decoderResult().cause());
        }
        Rejection rejection = checkLine(request);
        return rejection != null ? rejection : checkFields(request);
    }

    private static Rejection undecodable(Throwable cause) {
        if (cause instanceof TooLongHttpLineException) {
            return new Rejection(HttpResponseStatus.REQUEST_URI_TOO_LONG, "the request line is longer than 8 KiB");
        }
        if (cause instanceof TooLongHttpHeaderException) {
            return new Rejection(
                    HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "the header fields are larger than 64 KiB");
        }
        return Rejection.malformed("this is no HTTP request: " + printable(cause.getMessage()));
    }

    /** What a decoder says may quote what a client sent. */
    private static String printable(@Nullable String message) {
        return message == null ? "it cannot be read" : message.replaceAll("[^ -~]", "?");
    }

    private static @Nullable Rejection checkLine(HttpRequest request) {
        HttpVersion version = request.protocolVersion();
        if (!version.equals(HttpVersion.HTTP_1_1) && !version.equals(HttpVersion.HTTP_1_0)) {
            return new Rejection(
                    HttpResponseStatus.HTTP_VERSION_NOT_SUPPORTED, "only HTTP/1.1 and HTTP/1.0 are spoken");
        }
        if (request.method().equals(HttpMethod.CONNECT)) {
            return Rejection.malformed("CONNECT is for forward proxies; this is a reverse proxy");
        }
        String target = request.uri();
        boolean asterisk = target.equals("*") && request.method().equals(HttpMethod.OPTIONS);
        if (!asterisk && (!target.startsWith("/") || target.contains("#"))) {
            return Rejection.malformed("the target must be a path such as /index.html, not an absolute URI");
        }
        return null;
    }

    private static @Nullable Rejection checkFields(HttpRequest request) {
        HttpHeaders headers = request.headers();
        if (!isHostRight(request)) {
            return Rejection.malformed("a request has one Host field with a host, and a port if need be");
        }
        List<String> codings = headers.getAll(HttpHeaderNames.TRANSFER_ENCODING);
        if (!codings.isEmpty() && !isChunkedAlone(codings)) {
            return Rejection.malformed("no Transfer-Encoding but a single 'chunked' is understood");
        }
        if (HeaderRules.connectionOptions(headers).stream().anyMatch(RequestRules::isForAll)) {
            return Rejection.malformed("Connection must not name Host or Content-Length");
        }
        String expected = headers.get(HttpHeaderNames.EXPECT);
        if (expected != null && !HttpHeaderValues.CONTINUE.contentEqualsIgnoreCase(expected)) {
            return new Rejection(HttpResponseStatus.EXPECTATION_FAILED, "only 100-continue can be expected");
        }
        return null;
    }

    private static boolean isHostRight(HttpRequest request) {
        List<String> hosts = request.headers().getAll(HttpHeaderNames.HOST);
        if (hosts.isEmpty()) {
            return request.protocolVersion().equals(HttpVersion.HTTP_1_0);
        }
        return hosts.size() == 1 && HOST.matcher(hosts.get(0)).matches();
    }

    private static boolean isChunkedAlone(List<String> codings) {
        return codings.size() == 1 && HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(codings.get(0));
    }

    private static boolean isForAll(String option) {
        return HttpHeaderNames.HOST.contentEqualsIgnoreCase(option)
                || HttpHeaderNames.CONTENT_LENGTH.contentEqualsIgnoreCase(option);
    }
}
