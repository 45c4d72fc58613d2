package io.fdnetty.examples.server;

import java.io.PrintStream;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One event of a server on its standard output: {@code event=ready pid=4711 generation=2}.
 *
 * <p>A value with anything but letters, digits and {@code . _ : / + -} stands in double quotes, where {@code \"},
 * {@code \\} and {@code \n} mean what they mean in Java. Immutable.
 */
public final class EventLine {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9._:/+-]+");
    private static final Pattern PAIR =
            Pattern.compile("\\G\\s*([a-z0-9-]+)=(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([A-Za-z0-9._:/+-]*)(?=\\s|$))\\s*");

    private final Map<String, String> values;

    private EventLine(Map<String, String> values) {
        this.values = values;
    }

    public static EventLine of(String event) {
        return new EventLine(Map.of()).with("event", event);
    }

    /** The event in a line, or empty if it is some other text. */
    public static Optional<EventLine> parse(String line) {
        if (!line.startsWith("event=")) {
            return Optional.empty();
        }
        Map<String, String> values = new LinkedHashMap<>();
        Matcher pair = PAIR.matcher(line);
        int end = 0;
        while (pair.find()) {
            String quoted = pair.group(2);
            values.put(pair.group(1), quoted != null ? unescape(quoted) : pair.group(3));
            end = pair.end();
        }
        return end == line.length() ? Optional.of(new EventLine(values)) : Optional.empty();
    }

    public EventLine with(String key, Object value) {
        Map<String, String> more = new LinkedHashMap<>(values);
        more.put(key, value.toString());
        return new EventLine(Collections.unmodifiableMap(more));
    }

    public String event() {
        return values.getOrDefault("event", "");
    }

    public @Nullable String get(String key) {
        return values.get(key);
    }

    /** The number under a key, or -1 if there is none. */
    public long number(String key) {
        String value = values.get(key);
        try {
            return value == null ? -1 : Long.parseLong(value);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** Writes the line at once, whole, whatever other threads write. */
    public void print(PrintStream out) {
        out.print(this + System.lineSeparator());
        out.flush();
    }

    @Override
    public String toString() {
        StringBuilder line = new StringBuilder();
        values.forEach((key, value) -> {
            line.append(line.isEmpty() ? "" : " ").append(key).append('=');
            line.append(PLAIN.matcher(value).matches() ? value : '"' + escape(value) + '"');
        });
        return line.toString();
    }

    private static String escape(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replaceAll("\\R", "\\\\n");
    }

    private static String unescape(String quoted) {
        StringBuilder value = new StringBuilder(quoted.length());
        for (int i = 0; i < quoted.length(); i++) {
            char c = quoted.charAt(i);
            if (c == '\\' && i + 1 < quoted.length()) {
                char escaped = quoted.charAt(++i);
                value.append(escaped == 'n' ? '\n' : escaped);
            } else {
                value.append(c);
            }
        }
        return value.toString();
    }
}
