package io.fdnetty.migration;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Random;

/** What the tests' plain TCP clients say and read. */
final class Clients {
    private Clients() {}

    static void send(Socket client, String text) throws IOException {
        send(client, text.getBytes(UTF_8));
    }

    static void send(Socket client, byte[] bytes) throws IOException {
        client.getOutputStream().write(bytes);
        client.getOutputStream().flush();
    }

    static String read(Socket client, int length) throws IOException {
        return new String(readBytes(client, length), UTF_8);
    }

    static byte[] readBytes(Socket client, int length) throws IOException {
        byte[] read = client.getInputStream().readNBytes(length);
        if (read.length < length) {
            throw new IOException("end of stream after " + read.length + " of " + length + " bytes");
        }
        return read;
    }

    static void hangUp(Socket client) throws IOException {
        client.close();
    }

    /** With a RST instead of a FIN. */
    static void reset(Socket client) throws IOException {
        client.setSoLinger(true, 0);
        client.close();
    }

    static byte[] readToEnd(Socket client) throws IOException {
        InputStream in = client.getInputStream();
        return in.readAllBytes();
    }

    static byte[] random(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /** A 4-byte length and that many bytes. */
    static byte[] frame(byte[] content) {
        return ByteBuffer.allocate(4 + content.length)
                .putInt(content.length)
                .put(content)
                .array();
    }
}
