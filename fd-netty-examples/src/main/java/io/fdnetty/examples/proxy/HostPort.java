package io.fdnetty.examples.proxy;

import java.net.InetSocketAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An address as it stands on a command line: {@code localhost:8080}, {@code [::1]:8080}.
 *
 * @param host without brackets
 */
record HostPort(String host, int port) {
    private static final Pattern FORM = Pattern.compile("(?:\\[([0-9A-Fa-f:.%a-z]+)]|([^\\[\\]:]+)):(\\d{1,5})");
    private static final int MAX_PORT = 65_535;

    /**
     * Reads an address.
     *
     * @throws IllegalArgumentException if it is none; the message says what one looks like
     */
    static HostPort parse(String text) {
        Matcher form = FORM.matcher(text);
        int port = form.matches() ? Integer.parseInt(form.group(3)) : -1;
        if (port < 0 || port > MAX_PORT) {
            throw new IllegalArgumentException(
                    "'" + text + "' is no address; write HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080");
        }
        String host = form.group(1) != null ? form.group(1) : form.group(2);
        return new HostPort(host, port);
    }

    /** Looks the name up; unresolved if there is no such host. */
    InetSocketAddress resolve() {
        return new InetSocketAddress(host, port);
    }

    /** As it is written in a Host field. */
    @Override
    public String toString() {
        return (host.contains(":") ? '[' + host + ']' : host) + ':' + port;
    }
}
