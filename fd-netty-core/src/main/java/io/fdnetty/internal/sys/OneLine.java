package io.fdnetty.internal.sys;

/**
 * Text that came from outside, as one line that can be logged: a peer must not be able to write lines of its own into
 * the log, to change how others are shown, or to fill it.
 */
public final class OneLine {
    /** Enough for a reason that names a path. */
    private static final int MOST_CHARACTERS = 600;

    private OneLine() {}

    /** Escapes what is no printable character, and cuts what is too long. */
    public static String of(String text) {
        int end = Math.min(text.length(), MOST_CHARACTERS);
        StringBuilder line = new StringBuilder(end);
        for (int i = 0; i < end; i++) {
            append(
                    line,
                    text.charAt(i),
                    i > 0 ? text.charAt(i - 1) : 0,
                    i + 1 < text.length() ? text.charAt(i + 1) : 0);
        }
        if (end < text.length()) {
            line.append("... (").append(text.length() - end).append(" more characters)");
        }
        return line.toString();
    }

    private static void append(StringBuilder line, char character, int before, int after) {
        if (isPrintable(character, (char) before, (char) after)) {
            line.append(character);
        } else {
            line.append(String.format("\\u%04x", (int) character));
        }
    }

    private static boolean isPrintable(char character, char before, char after) {
        return switch (Character.getType(character)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
            case Character.SURROGATE ->
                Character.isHighSurrogate(character)
                        ? Character.isLowSurrogate(after)
                        : Character.isHighSurrogate(before);
            default -> true;
        };
    }
}
