package io.fdnetty.examples.chat;

import java.util.function.IntPredicate;

/**
 * The rules for what users type: short enough, visible, and sound Unicode. Each rule returns the text in its clean
 * form.
 */
final class Wording {
    static final int MAX_NAME_CHARS = 24;
    static final int MAX_TEXT_CHARS = 2_000;

    private Wording() {}

    static String name(String typed) throws RefusedException {
        return word("name", typed);
    }

    static String room(String typed) throws RefusedException {
        return word("room", typed);
    }

    private static String word(String what, String typed) throws RefusedException {
        String word = keep(typed, Wording::isVisible).strip();
        if (word.isEmpty() || word.length() > MAX_NAME_CHARS) {
            throw new RefusedException("A " + what + " has 1 to " + MAX_NAME_CHARS + " characters.");
        }
        return word;
    }

    static String text(String typed) throws RefusedException {
        String text = keep(typed, c -> c == '\n' || c == '\t' || !isBroken(c)).strip();
        if (text.isEmpty() || text.length() > MAX_TEXT_CHARS) {
            throw new RefusedException("A message has 1 to " + MAX_TEXT_CHARS + " characters.");
        }
        return text;
    }

    private static String keep(String typed, IntPredicate rule) {
        return typed.codePoints()
                .filter(rule)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    /** Without what turns the direction of writing or joins letters: two names that look alike should be alike. */
    private static boolean isVisible(int codePoint) {
        return !isBroken(codePoint) && Character.getType(codePoint) != Character.FORMAT;
    }

    /**
     * Half of a surrogate pair, which JSON can escape and UTF-8 cannot express, and what moves cursors and rings bells.
     */
    private static boolean isBroken(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.SURROGATE, Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
                true;
            default -> false;
        };
    }
}
