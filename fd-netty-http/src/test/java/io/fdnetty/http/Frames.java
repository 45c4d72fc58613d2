package io.fdnetty.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** WebSocket frames, made by hand. */
final class Frames {
    static final int CONTINUATION = 0;
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    private static final byte[] MASK = {0x12, (byte) 0xe4, 0x56, 0x78};

    private Frames() {}

    static byte[] of(boolean last, int opcode, byte[] payload, boolean masked) {
        ByteBuffer frame = ByteBuffer.allocate(payload.length + 14);
        frame.put((byte) ((last ? 0x80 : 0) | opcode));
        int mask = masked ? 0x80 : 0;
        if (payload.length < 126) {
            frame.put((byte) (mask | payload.length));
        } else if (payload.length < 65536) {
            frame.put((byte) (mask | 126)).putShort((short) payload.length);
        } else {
            frame.put((byte) (mask | 127)).putLong(payload.length);
        }
        if (masked) {
            frame.put(MASK);
        }
        for (int i = 0; i < payload.length; i++) {
            frame.put((byte) (masked ? payload[i] ^ MASK[i % 4] : payload[i]));
        }
        byte[] bytes = new byte[frame.position()];
        frame.flip().get(bytes);
        return bytes;
    }

    /** As a client sends it. */
    static byte[] text(String text) {
        return of(true, TEXT, text.getBytes(UTF_8), true);
    }

    /** A message of its own, compressed. */
    static byte[] compressed(String text) {
        Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
        deflater.setInput(text.getBytes(UTF_8));
        byte[] block = new byte[text.length() + 64];
        int length = deflater.deflate(block, 0, block.length, Deflater.SYNC_FLUSH);
        deflater.end();
        byte[] payload = Arrays.copyOf(block, length - 4);
        byte[] frame = of(true, TEXT, payload, true);
        frame[0] |= 0x40;
        return frame;
    }

    static String inflate(byte[] payload) throws Exception {
        Inflater inflater = new Inflater(true);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(payload);
        all.write(new byte[] {0, 0, (byte) 0xff, (byte) 0xff});
        inflater.setInput(all.toByteArray());
        byte[] text = new byte[100_000];
        int length = inflater.inflate(text);
        inflater.end();
        return new String(text, 0, length, UTF_8);
    }
}
