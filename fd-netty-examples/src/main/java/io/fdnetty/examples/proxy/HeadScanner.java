package io.fdnetty.examples.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the bytes of a request's head for what Netty's decoder mends in silence: folded fields, CR without LF, a
 * request line with more or other white space than two spaces, several lengths of an HTTP/1.0 request.
 *
 * <p>What one reader mends another one reads differently, and then they disagree about where a request ends. RFC 9112,
 * 2.2, 3, 5.2 and 6.3. Not thread-safe; one for each connection.
 */
final class HeadScanner {
    private static final AsciiString LENGTH = AsciiString.cached("content-length:");
    private static final AsciiString VERSION = AsciiString.cached("HTTP/");
    private static final int VERSION_BYTES = "HTTP/1.1".length();

    private int lines;
    private int lengths;
    private @Nullable String fault;

    /** Begins with the next request. */
    void reset() {
        lines = 0;
        lengths = 0;
        fault = null;
    }

    /** Whether a part of a head has been seen since the last {@link #reset}. */
    boolean hasBegun() {
        return lines > 0;
    }

    /** What is wrong with the head so far; null if nothing is. */
    @Nullable
    String fault() {
        return fault;
    }

    /** Looks at whole lines, from one index to another. */
    void scan(ByteBuf bytes, int from, int to) {
        int start = from;
        while (start < to) {
            int lf = bytes.indexOf(start, to, (byte) '\n');
            int end = lf < 0 ? to : lf;
            boolean crlf = end > start && bytes.getByte(end - 1) == '\r';
            line(bytes, start, crlf ? end - 1 : end);
            start = end + 1;
        }
    }

    private void line(ByteBuf bytes, int start, int end) {
        if (lines == 0 && start == end) {
            return; // empty lines before a request are ignored
        }
        if (bytes.indexOf(start, end, (byte) '\r') >= 0 || bytes.indexOf(start, end, (byte) 0) >= 0) {
            fault("there is a CR without LF, or a NUL");
        }
        if (lines == 0) {
            requestLine(bytes, start, end);
        } else {
            field(bytes, start, end);
        }
        lines++;
    }

    private void requestLine(ByteBuf bytes, int start, int end) {
        int spaces = 0;
        for (int i = start; i < end; i++) {
            int c = bytes.getByte(i) & 0xFF;
            boolean doubled = c == ' ' && (i == start || bytes.getByte(i - 1) == ' ');
            if (c < ' ' || c > '~' || doubled) {
                fault("the request line is not METHOD SP TARGET SP VERSION in ASCII");
            }
            spaces += c == ' ' ? 1 : 0;
        }
        if (spaces != 2 || !isAt(VERSION, bytes, end - VERSION_BYTES, end)) {
            fault("the request line is not METHOD SP TARGET SP VERSION");
        }
    }

    private void field(ByteBuf bytes, int start, int end) {
        if (start < end && (bytes.getByte(start) == ' ' || bytes.getByte(start) == '\t')) {
            fault("folded header fields are obsolete and not accepted");
        }
        if (isLength(bytes, start, end) && ++lengths > 1) {
            fault("there is more than one Content-Length");
        }
    }

    private static boolean isAt(AsciiString expected, ByteBuf bytes, int start, int end) {
        return start >= 0 && end - start >= expected.length() && expected.contentEquals(text(bytes, start, expected));
    }

    private static boolean isLength(ByteBuf bytes, int start, int end) {
        return end - start >= LENGTH.length() && LENGTH.contentEqualsIgnoreCase(text(bytes, start, LENGTH));
    }

    private static CharSequence text(ByteBuf bytes, int start, AsciiString asLongAs) {
        return bytes.toString(start, asLongAs.length(), StandardCharsets.US_ASCII);
    }

    private void fault(String what) {
        if (fault == null) {
            fault = what;
        }
    }
}
