package io.fdnetty.testkit;

import java.util.Arrays;

/** What a client got: bytes, and what ended them. Immutable. */
final class Answer {
    private static final int SHOWN = 60;

    private final byte[] bytes;
    private final String end;

    /**
     * Keeps what it is given.
     *
     * @param end empty if the connection is still open
     */
    Answer(byte[] bytes, String end) {
        this.bytes = bytes;
        this.end = end;
    }

    int length() {
        return bytes.length;
    }

    /** Whether the server has ended the connection. */
    boolean hasEnded() {
        return !end.isEmpty();
    }

    /** Whether the two clients can tell no difference. */
    boolean isLike(Answer other) {
        return Arrays.equals(bytes, other.bytes) && end.equals(other.end);
    }

    /** Names the difference of this answer to the one that was expected. */
    String differenceTo(Answer expected) {
        int at = Arrays.mismatch(bytes, expected.bytes);
        if (at < 0) {
            return "it " + ending() + ", one that stays " + expected.ending();
        }
        return "from byte " + at + " of the answer on it got " + rest(at) + ", one that stays gets "
                + expected.rest(at);
    }

    private String ending() {
        return end.isEmpty() ? "stays open" : end;
    }

    private String rest(int from) {
        return from >= bytes.length ? "nothing more" + (end.isEmpty() ? "" : " (it " + end + ")") : quote(bytes, from);
    }

    /** The bytes from there on, as far as they fit into a line. */
    static String quote(byte[] bytes, int from) {
        StringBuilder text = new StringBuilder("\"");
        for (int i = from; i < Math.min(bytes.length, from + SHOWN); i++) {
            text.append(escape(bytes[i] & 0xff));
        }
        return text.append(bytes.length > from + SHOWN ? "\"..." : "\"").toString();
    }

    private static String escape(int octet) {
        return switch (octet) {
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '"', '\\' -> "\\" + (char) octet;
            default -> octet >= ' ' && octet < 0x7f ? String.valueOf((char) octet) : String.format("\\x%02x", octet);
        };
    }
}
