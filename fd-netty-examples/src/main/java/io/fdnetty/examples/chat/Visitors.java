package io.fdnetty.examples.chat;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.URI;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keeps pages of other sites out, which a browser would let drive this server in its user's name.
 *
 * <p>A socket is opened to a page of this server only: its {@code Origin} has to be the {@code Host} that was asked.
 * And where the server listens on loopback only, that host has to be a name of loopback, or a site could have its own
 * name resolve to it.
 */
final class Visitors {
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

    private final boolean loopbackOnly;

    private Visitors(boolean loopbackOnly) {
        this.loopbackOnly = loopbackOnly;
    }

    /** Whoever comes by a name of loopback. */
    static Visitors ofLoopback() {
        return new Visitors(true);
    }

    /** Whoever comes by any name. */
    static Visitors ofAnyHost() {
        return new Visitors(false);
    }

    /** Whether the request is meant for this server. */
    boolean mayVisit(HttpHeaders headers) {
        String host = headers.get(HttpHeaderNames.HOST);
        return host != null && (!loopbackOnly || LOOPBACK.contains(withoutPort(host)));
    }

    /** Whether the request, if a page made it, comes from a page of this server. */
    boolean mayOpenSocket(HttpHeaders headers) {
        String origin = headers.get(HttpHeaderNames.ORIGIN);
        return mayVisit(headers) && (origin == null || isSame(origin, headers.get(HttpHeaderNames.HOST)));
    }

    private static boolean isSame(String origin, @Nullable String host) {
        try {
            String authority = URI.create(origin).getAuthority();
            return authority != null && authority.equalsIgnoreCase(host);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static String withoutPort(String host) {
        int colon = host.lastIndexOf(':');
        boolean hasPort = colon > host.lastIndexOf(']');
        return (hasPort ? host.substring(0, colon) : host).toLowerCase(Locale.ROOT);
    }
}
