package io.fdnetty.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;

/** A WebSocket client on a plain socket, which may send what it wants. */
final class RawClient implements AutoCloseable {
    private final Socket socket;
    private final DataInputStream in;

    RawClient(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(socket.getInputStream());
    }

    /** A frame that came. */
    static final class Frame {
        private final int firstByte;
        private final byte[] payload;

        Frame(int firstByte, byte[] payload) {
            this.firstByte = firstByte;
            this.payload = payload;
        }

        byte[] payload() {
            return payload.clone();
        }

        int opcode() {
            return firstByte & 0x0f;
        }

        boolean isLast() {
            return (firstByte & 0x80) != 0;
        }

        String text() {
            return new String(payload, UTF_8);
        }

        int closeCode() {
            return (payload[0] & 0xff) << 8 | (payload[1] & 0xff);
        }
    }

    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    void sendRequest(String path, String... headers) throws IOException {
        StringBuilder request =
                new StringBuilder("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
                        + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key:"
                        + " dGhlIHNhbXBsZSBub25jZQ==\r\n");
        for (String header : headers) {
            request.append(header).append("\r\n");
        }
        send(request.append("\r\n").toString().getBytes(ISO_8859_1));
    }

    /** The head of an answer. */
    String readHead() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.readUnsignedByte());
        }
        return head.toString();
    }

    String upgrade(String path, String... headers) throws IOException {
        sendRequest(path, headers);
        String answer = readHead();
        if (!answer.startsWith("HTTP/1.1 101")) {
            throw new AssertionError(answer);
        }
        return answer;
    }

    Frame read() throws IOException {
        int first = in.readUnsignedByte();
        int code = in.readUnsignedByte();
        long length = code == 127 ? in.readLong() : code == 126 ? in.readUnsignedShort() : code;
        byte[] payload = new byte[(int) length];
        in.readFully(payload);
        return new Frame(first, payload);
    }

    String readText() throws IOException {
        return read().text();
    }

    /** -1 at the end of the stream. */
    int readByte() throws IOException {
        return in.read();
    }

    void readToEnd() throws IOException {
        in.readAllBytes();
    }

    String readBytes(int length) throws IOException {
        return new String(in.readNBytes(length), ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
