package io.fdnetty.examples.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import org.jspecify.annotations.Nullable;

/**
 * A seat in words: what moves along with a socket.
 *
 * <pre>
 *  u8 length and UTF-8 of the room, u8 length and UTF-8 of the name, u64 cursor;
 *  nothing at all for a socket without a seat
 * </pre>
 *
 * @param cursor the number of the last message that was written to the socket
 */
record Place(String room, String name, long cursor) {
    static final int VERSION = 1;

    void write(ByteBuf out) {
        writeWord(out, room);
        writeWord(out, name);
        out.writeLong(cursor);
    }

    private static void writeWord(ByteBuf out, String word) {
        out.writeByte(ByteBufUtil.utf8Bytes(word));
        ByteBufUtil.writeUtf8(out, word);
    }

    /**
     * Returns null for a socket without a seat.
     *
     * @throws IndexOutOfBoundsException if it is cut short
     */
    static @Nullable Place read(ByteBuf in) {
        return in.isReadable() ? new Place(readWord(in), readWord(in), in.readLong()) : null;
    }

    private static String readWord(ByteBuf in) {
        return in.readCharSequence(in.readUnsignedByte(), UTF_8).toString();
    }
}
