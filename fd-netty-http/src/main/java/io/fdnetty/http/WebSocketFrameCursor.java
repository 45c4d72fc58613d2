package io.fdnetty.http;

import io.netty.buffer.ByteBuf;

/**
 * Where one direction of a WebSocket connection stands, told from its bytes alone, in whatever pieces they come. Event
 * loop only.
 *
 * <pre>
 *   0               1               2
 *  +-+-----+-------+-+-------------+--------------------+-------------+---------
 *  |F|     |opcode |M| length      | 16 or 64 bits more | mask, if M: | payload
 *  |I| RSV |  (4)  | | (7)         | if length is       | 4 bytes     |
 *  |N| (3) |       | |             | 126 or 127         |             |
 *  +-+-----+-------+-+-------------+--------------------+-------------+---------
 * </pre>
 *
 * <p>It allocates nothing and believes no length. What breaks the rules of a sequence of frames makes it
 * {@linkplain #isBroken() broken}, for good; masks, extensions and payloads are left to the decoder. See RFC 6455,
 * section 5.
 */
final class WebSocketFrameCursor {
    private static final int CLOSE = 8;
    private static final int PONG = 10;
    private static final int LONGEST_CONTROL_PAYLOAD = 125;

    private int headerRead;
    private int headerLength = 2;
    private int lengthBytes;
    private int firstByte;
    private long payloadLength;
    private long payloadLeft;
    private boolean inMessage;
    private boolean closed;
    private boolean broken;

    /**
     * Moves on over bytes, at most to the end of a frame.
     *
     * @return where it stopped: behind the end of a frame, or {@code to}
     */
    int advance(ByteBuf in, int from, int to) {
        int index = from;
        while (index < to && !isHeaderComplete() && !broken) {
            header(in.getByte(index++) & 0xff);
        }
        if (broken) {
            return to;
        }
        if (isHeaderComplete()) {
            int step = (int) Math.min(payloadLeft, to - index);
            index += step;
            payloadLeft -= step;
            if (payloadLeft == 0) {
                endFrame();
            }
        }
        return index;
    }

    /** Moves on over all these bytes. */
    void follow(ByteBuf in, int from, int to) {
        for (int index = from; index < to; ) {
            index = advance(in, index, to);
        }
    }

    /** Something other than bytes went by. */
    void lose() {
        broken = true;
    }

    private boolean isHeaderComplete() {
        return headerRead == headerLength;
    }

    private void header(int value) {
        int position = headerRead++;
        if (position == 0) {
            firstByte = value;
        } else if (position == 1) {
            int length = value & 0x7f;
            lengthBytes = length == 126 ? 2 : length == 127 ? 8 : 0;
            payloadLength = lengthBytes == 0 ? length : 0;
            headerLength = 2 + lengthBytes + ((value & 0x80) == 0 ? 0 : 4);
            broken = !isAllowed(length);
        } else if (position < 2 + lengthBytes) {
            payloadLength = payloadLength << 8 | value;
            broken = payloadLength < 0;
        }
        payloadLeft = payloadLength;
    }

    private boolean isAllowed(int length) {
        int opcode = opcode();
        return switch (opcode) {
            case 0 -> inMessage;
            case 1, 2 -> !inMessage;
            default -> opcode >= CLOSE && opcode <= PONG && isFinal() && length <= LONGEST_CONTROL_PAYLOAD;
        };
    }

    private int opcode() {
        return firstByte & 0x0f;
    }

    private boolean isFinal() {
        return (firstByte & 0x80) != 0;
    }

    private void endFrame() {
        if (opcode() < CLOSE) {
            inMessage = !isFinal();
        } else if (opcode() == CLOSE) {
            closed = true;
        }
        headerRead = 0;
        headerLength = 2;
        payloadLength = 0;
    }

    boolean isBetweenFrames() {
        return headerRead == 0;
    }

    /** Whether fragments of a message have ended and its last one has not. */
    boolean isInMessage() {
        return inMessage;
    }

    boolean isBetweenMessages() {
        return isBetweenFrames() && !inMessage;
    }

    /** Whether the frame at hand has a payload that is longer than that, as far as its header is known. */
    boolean isLongerThan(int payload) {
        return isHeaderComplete() && payloadLength > payload;
    }

    /** Whether a close frame has ended. */
    boolean isClosed() {
        return closed;
    }

    /** Whether these are no frames, or not in an order in which frames may be. */
    boolean isBroken() {
        return broken;
    }
}
