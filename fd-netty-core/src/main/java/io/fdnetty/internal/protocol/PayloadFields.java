package io.fdnetty.internal.protocol;

import io.fdnetty.fd.SocketKind;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.CorruptedFrameException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The fields of a payload: bounded texts, counts and byte strings. Big-endian; a text is a u16 length and UTF-8, bytes
 * are a u32 length and the bytes.
 */
final class PayloadFields {
    /** Number 1 and up on the wire; a number is never reused. */
    static final List<RefusalCode> CODES = List.of(
            RefusalCode.BUSY,
            RefusalCode.WRONG_USER,
            RefusalCode.NO_COMMON_VERSION,
            RefusalCode.NOT_READY,
            RefusalCode.WRONG_APPLICATION);

    /** Number 0 and up on the wire. */
    static final List<SocketKind> KINDS = List.of(
            SocketKind.TCP_LISTENER,
            SocketKind.TCP_CONNECTION,
            SocketKind.UNIX_LISTENER,
            SocketKind.UNIX_CONNECTION,
            SocketKind.UDP,
            SocketKind.OTHER);

    private PayloadFields() {}

    /**
     * Writes a name.
     *
     * @throws IllegalArgumentException if it is longer than a name may be; it identifies something, so it is not cut
     */
    static void putName(ByteBuf out, String name) {
        if (ByteBufUtil.utf8Bytes(name) > MessageLimits.NAME) {
            throw new IllegalArgumentException("\"" + name + "\" is longer than " + MessageLimits.NAME + " bytes");
        }
        putText(out, name, MessageLimits.NAME);
    }

    /**
     * Writes a number of 1, 2 or 4 bytes.
     *
     * @throws IllegalArgumentException if it is larger than the receiver takes
     */
    static void putCount(ByteBuf out, String field, int value, int width, int most) {
        if (value > most) {
            throw new IllegalArgumentException(field + ": " + value + " (at most " + most + ')');
        }
        switch (width) {
            case 1 -> out.writeByte(value);
            case 2 -> out.writeShort(value);
            default -> out.writeInt(value);
        }
    }

    /** Writes a text for people, cut if it is too long. */
    static void putText(ByteBuf out, String text, int maxBytes) {
        int lengthAt = out.writerIndex();
        out.writeShort(0);
        int bytes = ByteBufUtil.writeUtf8(out, text);
        if (bytes > maxBytes) {
            bytes = cut(out, lengthAt + Short.BYTES, maxBytes);
            out.writerIndex(lengthAt + Short.BYTES + bytes);
        }
        out.setShort(lengthAt, bytes);
    }

    /** The largest length up to {@code maxBytes} that does not split a character. */
    private static int cut(ByteBuf out, int from, int maxBytes) {
        int length = maxBytes;
        while (length > 0 && (out.getByte(from + length) & 0xc0) == 0x80) {
            length--;
        }
        return length;
    }

    static String text(ByteBuf in, String field, int maxBytes) {
        int length = count(in, field, Short.BYTES, maxBytes);
        need(in, field, length);
        ByteBuffer bytes = in.nioBuffer(in.readerIndex(), length);
        in.skipBytes(length);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(bytes)
                    .toString();
        } catch (CharacterCodingException e) {
            throw new CorruptedFrameException(field + " is not UTF-8", e);
        }
    }

    /** An unsigned number of 1, 2 or 4 bytes that must not exceed {@code most}. */
    static int count(ByteBuf in, String field, int width, long most) {
        need(in, field, width);
        long value = width == 1 ? in.readUnsignedByte() : width == 2 ? in.readUnsignedShort() : in.readUnsignedInt();
        if (value > most) {
            throw new CorruptedFrameException(field + ": " + value + " (at most " + most + ')');
        }
        return (int) value;
    }

    static long number(ByteBuf in, String field) {
        need(in, field, Long.BYTES);
        return in.readLong();
    }

    static int number32(ByteBuf in, String field) {
        need(in, field, Integer.BYTES);
        return in.readInt();
    }

    static void putBytes(ByteBuf out, ByteBuf bytes) {
        out.writeInt(bytes.readableBytes());
        out.writeBytes(bytes, bytes.readerIndex(), bytes.readableBytes());
    }

    /** A slice of its own reference; the caller releases it. */
    static ByteBuf bytes(ByteBuf in, String field) {
        return in.readRetainedSlice(count(in, field, Integer.BYTES, in.readableBytes()));
    }

    private static void need(ByteBuf in, String field, int bytes) {
        if (in.readableBytes() < bytes) {
            throw new CorruptedFrameException(
                    field + ": " + bytes + " bytes are needed, " + in.readableBytes() + " are left");
        }
    }
}
