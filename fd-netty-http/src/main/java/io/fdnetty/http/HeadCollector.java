package io.fdnetty.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/** Copies the head of one HTTP/1.1 message out of bytes that come in whatever pieces. Event loop only. */
final class HeadCollector {
    private static final byte[] NONE = {};

    private final byte[] start;
    private byte[] head = NONE;
    private int length;
    private int lineEnds;
    private boolean complete;

    /** @param start what the head must begin with */
    HeadCollector(String start) {
        this.start = start.getBytes(ISO_8859_1);
    }

    /**
     * Takes bytes up to the end of the head.
     *
     * @return behind the last byte taken; if the head {@linkplain #isComplete() is not complete} and this is not
     *     {@code to}, these bytes are no such head
     */
    int collect(ByteBuf in, int from, int to) {
        int index = from;
        while (index < to && !complete) {
            byte value = in.getByte(index);
            if (length == Handshake.LONGEST_HEAD || (length < start.length && value != start[length])) {
                clear();
                return index;
            }
            add(value);
            index++;
        }
        return index;
    }

    private void add(byte value) {
        if (length == head.length) {
            head = Arrays.copyOf(head, Math.max(512, 2 * length));
        }
        head[length++] = value;
        boolean isNext = value == (lineEnds % 2 == 0 ? '\r' : '\n');
        lineEnds = isNext ? lineEnds + 1 : value == '\r' ? 1 : 0;
        complete = lineEnds == 4;
    }

    /** Whether it has the beginning of a head. */
    boolean isCollecting() {
        return length > 0 && !complete;
    }

    boolean isComplete() {
        return complete;
    }

    String text() {
        return new String(head, 0, length, ISO_8859_1);
    }

    void clear() {
        head = NONE;
        length = 0;
        lineEnds = 0;
        complete = false;
    }
}
