package io.fdnetty.boundary;

import io.netty.buffer.ByteBuf;
import io.netty.util.ByteProcessor;

/**
 * How long a frame is, in the protocols that a {@link FrameBoundary} is ready for. Each looks only, from the reader
 * index on.
 */
public final class FrameLengths {
    private static final int MQTT_MOST_LENGTH_BYTES = 4;

    private FrameLengths() {}

    /**
     * The length of an MQTT control packet, in bytes; 0 if it cannot be told yet.
     *
     * @throws IllegalArgumentException if this is no MQTT packet
     * @see <a href="https://docs.oasis-open.org/mqtt/mqtt/v5.0/mqtt-v5.0.html">MQTT 5.0, 2.1.4</a>
     */
    public static int mqtt(ByteBuf in) {
        int remaining = 0;
        for (int i = 0; i < MQTT_MOST_LENGTH_BYTES; i++) {
            int at = in.readerIndex() + 1 + i;
            if (at >= in.writerIndex()) {
                return 0;
            }
            int digit = in.getUnsignedByte(at);
            remaining |= (digit & 0x7f) << (7 * i);
            if ((digit & 0x80) == 0) {
                return 2 + i + remaining;
            }
        }
        throw new IllegalArgumentException("no length of an MQTT packet");
    }

    /**
     * The length of a RESP value (of a Redis command or reply, of versions 2 and 3, or of an inline command), in bytes;
     * 0 if it cannot be told yet.
     *
     * @throws IllegalArgumentException if this is no RESP value
     * @see <a href="https://redis.io/docs/latest/develop/reference/protocol-spec/">Redis serialization protocol</a>
     */
    public static int resp(ByteBuf in) {
        long at = in.readerIndex();
        long missing = 1;
        while (missing > 0) {
            int end = at >= in.writerIndex() ? -1 : endOfLine(in, (int) at);
            if (end < 0) {
                return 0;
            }
            byte type = in.getByte((int) at);
            missing += childrenOf(type, in, (int) at, end) - 1;
            at = end + bulkOf(type, in, (int) at, end);
        }
        return Math.toIntExact(at - in.readerIndex());
    }

    /** The index behind the line feed; -1 if there is none. */
    private static int endOfLine(ByteBuf in, int from) {
        int lineFeed = in.forEachByte(from, in.writerIndex() - from, ByteProcessor.FIND_LF);
        return lineFeed < 0 ? -1 : lineFeed + 1;
    }

    private static long childrenOf(byte type, ByteBuf in, int at, int end) {
        return switch (type) {
            case '*', '~', '>' -> Math.max(0, number(in, at + 1, end));
            case '%' -> 2 * Math.max(0, number(in, at + 1, end));
            case '|' -> 1 + 2 * Math.max(0, number(in, at + 1, end)); // and the value that it describes
            default -> 0;
        };
    }

    private static long bulkOf(byte type, ByteBuf in, int at, int end) {
        if (type != '$' && type != '!' && type != '=') {
            return 0;
        }
        long length = number(in, at + 1, end);
        return length < 0 ? 0 : length + 2;
    }

    private static long number(ByteBuf in, int from, int end) {
        long number = 0;
        boolean negative = in.getByte(from) == '-';
        for (int i = negative ? from + 1 : from; i < end && in.getByte(i) != '\r'; i++) {
            int digit = in.getByte(i) - '0';
            if (digit < 0 || digit > 9 || number > Integer.MAX_VALUE) {
                throw new IllegalArgumentException("no length of a RESP value");
            }
            number = 10 * number + digit;
        }
        return negative ? -number : number;
    }
}
