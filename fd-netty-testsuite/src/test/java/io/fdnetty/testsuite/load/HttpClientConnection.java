package io.fdnetty.testsuite.load;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * One HTTP/1.1 connection that never hides anything: it does not reconnect, does not retry, and fails on a closed
 * connection. Used by one thread, which blocks.
 */
final class HttpClientConnection implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 60_000;
    private static final int MAX_LINE = 8192;

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    /**
     * An answer.
     *
     * @param headers names in lower case
     */
    record Answer(int status, Map<String, String> headers, String text) {
        boolean saysClose() {
            return "close".equalsIgnoreCase(headers.get("connection"));
        }
    }

    /** Where the bytes of a body go. */
    interface Sink {
        void take(byte[] bytes, int length) throws IOException;
    }

    private HttpClientConnection(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
        this.out = socket.getOutputStream();
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MILLIS);
    }

    static HttpClientConnection open(long port) throws IOException {
        return new HttpClientConnection(new Socket(InetAddress.getLoopbackAddress(), (int) port));
    }

    /** With a receive buffer of that many bytes, for a reader that is slow. */
    static HttpClientConnection open(long port, int receiveBuffer) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(receiveBuffer);
        socket.connect(new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), (int) port));
        return new HttpClientConnection(socket);
    }

    int localPort() {
        return socket.getLocalPort();
    }

    Answer get(String target) throws IOException {
        send("GET " + target + " HTTP/1.1\r\nHost: test\r\n\r\n", new byte[0]);
        return receive();
    }

    Answer post(String target, String headers, byte[] body) throws IOException {
        send(
                "POST " + target + " HTTP/1.1\r\nHost: test\r\nContent-Length: " + body.length + "\r\n" + headers
                        + "\r\n",
                body);
        return receive();
    }

    void send(String head, byte[] body) throws IOException {
        byte[] start = head.getBytes(ISO_8859_1);
        byte[] all = java.util.Arrays.copyOf(start, start.length + body.length);
        System.arraycopy(body, 0, all, start.length, body.length);
        out.write(all);
    }

    /** Receives an answer with its body. */
    Answer receive() throws IOException {
        java.io.ByteArrayOutputStream body = new java.io.ByteArrayOutputStream();
        return receive((bytes, length) -> body.write(bytes, 0, length), body);
    }

    /** Receives an answer whose body goes elsewhere. */
    Answer receive(Sink sink) throws IOException {
        return receive(sink, new java.io.ByteArrayOutputStream());
    }

    private Answer receive(Sink sink, java.io.ByteArrayOutputStream body) throws IOException {
        String status = line();
        Map<String, String> headers = new LinkedHashMap<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        if ("chunked".equalsIgnoreCase(headers.get("transfer-encoding"))) {
            chunks(sink);
        } else {
            pass(Long.parseLong(headers.getOrDefault("content-length", "0")), sink);
        }
        return new Answer(Integer.parseInt(status.substring(9, 12)), headers, body.toString(US_ASCII));
    }

    private void chunks(Sink sink) throws IOException {
        for (long size = Long.parseLong(line(), 16); size > 0; size = Long.parseLong(line(), 16)) {
            pass(size, sink);
            line();
        }
        line();
    }

    private void pass(long length, Sink sink) throws IOException {
        byte[] piece = new byte[(int) Math.min(1 << 16, length)];
        for (long left = length; left > 0; ) {
            int read = in.read(piece, 0, (int) Math.min(piece.length, left));
            if (read < 0) {
                throw new EOFException("the connection ended " + left + " bytes before the end of the body");
            }
            sink.take(piece, read);
            left -= read;
        }
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("the connection ended, after \"" + line + "\"");
            }
            if (line.length() == MAX_LINE) {
                throw new IOException("a line is longer than " + MAX_LINE);
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
