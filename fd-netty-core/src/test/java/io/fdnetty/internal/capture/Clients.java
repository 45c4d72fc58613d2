package io.fdnetty.internal.capture;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Random;

/** What the tests' plain TCP clients say and read. */
public final class Clients {
    private Clients() {}

    public static void send(Socket client, String text) throws IOException {
        send(client, text.getBytes(UTF_8));
    }

    public static void send(Socket client, byte[] bytes) throws IOException {
        client.getOutputStream().write(bytes);
        client.getOutputStream().flush();
    }

    public static String read(Socket client, int length) throws IOException {
        return new String(readBytes(client, length), UTF_8);
    }

    public static byte[] readBytes(Socket client, int length) throws IOException {
        byte[] read = client.getInputStream().readNBytes(length);
        if (read.length < length) {
            throw new IOException("end of stream after " + read.length + " of " + length + " bytes");
        }
        return read;
    }

    public static void hangUp(Socket client) throws IOException {
        client.close();
    }

    /** With a RST instead of a FIN. */
    public static void reset(Socket client) throws IOException {
        client.setSoLinger(true, 0);
        client.close();
    }

    public static byte[] readToEnd(Socket client) throws IOException {
        InputStream in = client.getInputStream();
        return in.readAllBytes();
    }

    public static byte[] random(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /** A 4-byte length and that many bytes. */
    public static byte[] frame(byte[] content) {
        return ByteBuffer.allocate(4 + content.length)
                .putInt(content.length)
                .put(content)
                .array();
    }
}
