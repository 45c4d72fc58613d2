package io.fdnetty.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The bytes of one execution, taken from front to back; zeros when they are used up. */
final class FuzzInput {
    private final byte[] bytes;
    private int at;

    FuzzInput(byte[] bytes) {
        this.bytes = bytes;
    }

    boolean isEmpty() {
        return at >= bytes.length;
    }

    int left() {
        return bytes.length - at;
    }

    /** 0 to 255. */
    int u8() {
        return isEmpty() ? 0 : bytes[at++] & 0xff;
    }

    /** 0 to {@code count} - 1. */
    int below(int count) {
        return u8() % count;
    }

    boolean flag() {
        return (u8() & 1) != 0;
    }

    /** Up to so many. */
    byte[] take(int most) {
        int end = at + Math.min(most, left());
        byte[] taken = Arrays.copyOfRange(bytes, at, end);
        at = end;
        return taken;
    }

    /** A text of up to so many bytes, one character each. */
    String text(int most) {
        return new String(take(below(most + 1)), StandardCharsets.ISO_8859_1);
    }
}
