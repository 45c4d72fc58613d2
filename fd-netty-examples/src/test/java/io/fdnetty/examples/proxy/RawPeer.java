package io.fdnetty.examples.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Locale;

/** One end of a connection that says exactly what a test wants to say. Every read has a limit. */
public final class RawPeer implements AutoCloseable {
    private static final int LIMIT_MILLIS = 15_000;

    public final Socket socket;
    private final InputStream in;

    public RawPeer(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(LIMIT_MILLIS);
        socket.setTcpNoDelay(true);
        this.in = new BufferedInputStream(socket.getInputStream());
    }

    public static RawPeer connect(int port) throws IOException {
        return new RawPeer(new Socket(InetAddress.getLoopbackAddress(), port));
    }

    /** Sends lines that end with CR LF wherever the text has a line feed. */
    public RawPeer send(String text) throws IOException {
        return sendRaw(text.replace("\r\n", "\n").replace("\n", "\r\n"));
    }

    public RawPeer sendRaw(String text) throws IOException {
        return send(text.getBytes(ISO_8859_1));
    }

    public RawPeer send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    public RawPeer shutdownOutput() throws IOException {
        socket.shutdownOutput();
        return this;
    }

    /** Whether something can be read at once. */
    boolean hears() throws IOException {
        return in.available() > 0;
    }

    /** Everything up to and with an empty line. */
    public String head() throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int newlines = 0;
        while (newlines < 2) {
            int c = in.read();
            if (c < 0) {
                throw new IOException("ended within a head: " + head.toString(ISO_8859_1));
            }
            head.write(c);
            newlines = c == '\n' ? newlines + 1 : c == '\r' ? newlines : 0;
        }
        return head.toString(ISO_8859_1).replace("\r\n", "\n");
    }

    public String text(int bytes) throws IOException {
        return new String(bytes(bytes), ISO_8859_1);
    }

    public byte[] bytes(int count) throws IOException {
        byte[] bytes = in.readNBytes(count);
        assertThat(bytes).hasSize(count);
        return bytes;
    }

    /** A chunked body; after a bar the trailer fields. */
    String chunked() throws IOException {
        StringBuilder body = new StringBuilder();
        for (int size = Integer.parseInt(line(), 16); size > 0; size = Integer.parseInt(line(), 16)) {
            body.append(text(size));
            assertThat(line()).isEmpty();
        }
        for (String trailer = line(); !trailer.isEmpty(); trailer = line()) {
            body.append('|').append(trailer);
        }
        return body.toString();
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new IOException("ended within a line: " + line);
            }
            line.append((char) c);
        }
        return line.toString().strip();
    }

    /** A response with a length, whole; its head in lower case. */
    public Answer answer() throws IOException {
        String head = head();
        String lower = head.toLowerCase(Locale.ROOT);
        if (lower.contains("transfer-encoding: chunked")) {
            return new Answer(head, chunked());
        }
        int at = lower.indexOf("\ncontent-length: ");
        int length = at < 0 ? 0 : Integer.parseInt(lower.substring(at + 17, lower.indexOf('\n', at + 17)));
        return new Answer(head, text(length));
    }

    /** What comes until the end. */
    public String rest() throws IOException {
        return new String(in.readAllBytes(), ISO_8859_1);
    }

    public void assertEnd() throws IOException {
        assertThat(in.read()).isEqualTo(-1);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    /** A response, or a request. */
    public record Answer(String head, String body) {
        int status() {
            return Integer.parseInt(head.substring(9, 12));
        }

        /** The values of a field, joined; null if there is none. */
        String field(String name) {
            StringBuilder value = new StringBuilder();
            head.lines()
                    .filter(line -> line.regionMatches(true, 0, name + ':', 0, name.length() + 1))
                    .forEach(line -> value.append(value.isEmpty() ? "" : ", ")
                            .append(line.substring(name.length() + 1).strip()));
            return value.isEmpty() ? null : value.toString();
        }
    }
}
