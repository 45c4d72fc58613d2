package io.fdnetty.examples.proxy;

import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What changes in a message's head as it passes the proxy: fields that are for one connection only are dropped, and the
 * proxy writes down who asked and that it was there. RFC 9110, 7.6; RFC 7239.
 */
final class HeaderRules {
    private static final String PSEUDONYM = " fd-netty";
    private static final String PROXY_PREFIX = "proxy-";
    private static final String X_FORWARDED_FOR = "x-forwarded-for";
    private static final String X_FORWARDED_PROTO = "x-forwarded-proto";
    private static final String X_FORWARDED_HOST = "x-forwarded-host";
    private static final String FORWARDED = "forwarded";

    private HeaderRules() {}

    /** The fields that a Connection field names. */
    static List<String> connectionOptions(HttpHeaders headers) {
        List<String> options = new ArrayList<>(2);
        for (String value : headers.getAll(HttpHeaderNames.CONNECTION)) {
            for (String option : value.split(",", -1)) {
                if (!option.isBlank()) {
                    options.add(option.strip());
                }
            }
        }
        return options;
    }

    /**
     * Makes a valid request into the one for the backend.
     *
     * @param request is changed and returned
     * @param backendName the Host of a client that sends none
     */
    static HttpRequest toBackend(HttpRequest request, RequestFacts facts, InetAddress client, String backendName) {
        HttpHeaders headers = request.headers();
        boolean chunked = headers.contains(HttpHeaderNames.TRANSFER_ENCODING);
        String received = version(request.protocolVersion());
        String host = headers.get(HttpHeaderNames.HOST);
        dropHopByHop(headers);
        if (chunked) {
            headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        }
        if (facts.wantsUpgrade()) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
            headers.set(HttpHeaderNames.UPGRADE, facts.upgrade());
        }
        if (facts.isOld()) {
            headers.remove(HttpHeaderNames.EXPECT);
        }
        if (host == null) {
            headers.set(HttpHeaderNames.HOST, backendName);
        }
        append(headers, HttpHeaderNames.VIA.toString(), received + PSEUDONYM);
        forwarded(headers, client, host);
        return request.setProtocolVersion(HttpVersion.HTTP_1_1);
    }

    private static void forwarded(HttpHeaders headers, InetAddress client, @Nullable String host) {
        String address = address(client);
        append(headers, X_FORWARDED_FOR, address);
        append(headers, X_FORWARDED_PROTO, "http");
        String node = client instanceof Inet6Address ? "\"[" + address + "]\"" : address;
        if (host == null) {
            append(headers, FORWARDED, "for=" + node + ";proto=http");
        } else {
            append(headers, X_FORWARDED_HOST, host);
            append(headers, FORWARDED, "for=" + node + ";host=\"" + host + "\";proto=http");
        }
    }

    private static String address(InetAddress client) {
        String address = client.getHostAddress();
        int scope = address.indexOf('%');
        return scope < 0 ? address : address.substring(0, scope);
    }

    /**
     * Makes the backend's final response into the one for the client.
     *
     * @param response its fields are changed and passed on
     */
    static HttpResponse toClient(HttpResponse response, RequestFacts request, Framing framing, boolean keepAlive) {
        HttpHeaders headers = dropHopByHop(response.headers());
        append(headers, HttpHeaderNames.VIA.toString(), version(response.protocolVersion()) + PSEUDONYM);
        if (framing == Framing.CHUNKED) {
            headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        }
        persistence(headers, request, keepAlive);
        return request.isHead()
                ? new BodilessResponse(response.status(), headers)
                : new DefaultHttpResponse(HttpVersion.HTTP_1_1, response.status(), headers);
    }

    /** Says whether the connection goes on after the response, to a client that would think otherwise. */
    static void persistence(HttpHeaders headers, RequestFacts request, boolean keepAlive) {
        if (!keepAlive) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        } else if (request.isOld()) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
        }
    }

    /** Makes an interim response of the backend into the one for the client. */
    static HttpResponse interim(HttpResponse response) {
        HttpHeaders headers = dropHopByHop(response.headers());
        return new DefaultHttpResponse(HttpVersion.HTTP_1_1, response.status(), headers);
    }

    /** Makes the backend's consent to another protocol into the one for the client. */
    static HttpResponse switching(HttpResponse response) {
        String protocol = String.join(", ", response.headers().getAll(HttpHeaderNames.UPGRADE));
        HttpResponse switching = interim(response);
        switching.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
        switching.headers().set(HttpHeaderNames.UPGRADE, protocol);
        return switching;
    }

    private static HttpHeaders dropHopByHop(HttpHeaders headers) {
        connectionOptions(headers).forEach(headers::remove);
        for (String name : List.copyOf(headers.names())) {
            if (name.regionMatches(true, 0, PROXY_PREFIX, 0, PROXY_PREFIX.length())) {
                headers.remove(name);
            }
        }
        return headers.remove(HttpHeaderNames.CONNECTION)
                .remove("keep-alive")
                .remove(HttpHeaderNames.TE)
                .remove(HttpHeaderNames.TRAILER)
                .remove(HttpHeaderNames.TRANSFER_ENCODING)
                .remove(HttpHeaderNames.UPGRADE)
                .remove("http2-settings");
    }

    /** Adds to a list, in one field, whatever number of fields it has had. */
    private static void append(HttpHeaders headers, String name, String value) {
        List<String> before = headers.getAll(name);
        headers.set(name, before.isEmpty() ? value : String.join(", ", before) + ", " + value);
    }

    private static String version(HttpVersion version) {
        return version.majorVersion() + "." + version.minorVersion();
    }
}
