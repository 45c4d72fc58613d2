package io.fdnetty.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.util.Locale;

/** Reads the answers of an HTTP server, by their Content-Length. */
final class HttpAnswers {
    private final InputStream in;

    HttpAnswers(Socket client) throws IOException {
        in = new BufferedInputStream(client.getInputStream());
    }

    record Answer(String head, String body) {
        int status() {
            return Integer.parseInt(head.substring(9, 12));
        }

        boolean has(String header) {
            return head.toLowerCase(Locale.ROOT).contains("\r\n" + header);
        }
    }

    Answer next() throws IOException {
        String head = head();
        int at = head.toLowerCase(Locale.ROOT).indexOf("content-length:");
        int length = at < 0
                ? 0
                : Integer.parseInt(
                        head.substring(at + 15, head.indexOf('\r', at)).trim());
        byte[] body = in.readNBytes(length);
        if (body.length < length) {
            throw new EOFException("in the body of " + head);
        }
        return new Answer(head, new String(body, UTF_8));
    }

    /** The next answer, without the body that a GET would have brought. */
    String head() throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(UTF_8).endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException("end of stream after \"" + head.toString(UTF_8) + '"');
            }
            head.write(next);
        }
        return head.toString(UTF_8);
    }

    /** Whether the server has ended the connection in an orderly way. */
    boolean isAtEnd() throws IOException {
        return in.read() < 0;
    }
}
