package io.fdnetty.internal.machine;

import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A condition of the model's tables: names, {@code is(Phase)}, {@code !}, {@code &&}, {@code ||} and parentheses. */
final class ModelGuard {
    private static final Pattern TOKEN = Pattern.compile("is\\(\\w+\\)|\\w+|!|&&|\\|\\||[()]");

    private final String text;
    private final Predicate<String> condition;
    private final Matcher tokens;
    private String token = "";

    ModelGuard(String text, Predicate<String> condition) {
        this.text = text;
        this.condition = condition;
        this.tokens = TOKEN.matcher(text);
        advance();
    }

    boolean holds() {
        boolean value = either();
        if (!token.isEmpty()) {
            throw new AssertionError("not a condition: " + text);
        }
        return value;
    }

    private boolean either() {
        boolean value = both();
        while (take("||")) {
            value |= both();
        }
        return value;
    }

    private boolean both() {
        boolean value = one();
        while (take("&&")) {
            value &= one();
        }
        return value;
    }

    private boolean one() {
        if (take("!")) {
            return !one();
        } else if (take("(")) {
            boolean value = either();
            take(")");
            return value;
        }
        String name = token;
        advance();
        return name.equals("true") || condition.test(name);
    }

    private boolean take(String expected) {
        boolean here = token.equals(expected);
        if (here) {
            advance();
        }
        return here;
    }

    private void advance() {
        token = tokens.find() ? tokens.group() : "";
    }
}
