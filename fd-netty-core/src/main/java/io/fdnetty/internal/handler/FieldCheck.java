package io.fdnetty.internal.handler;

import io.fdnetty.internal.netty.Fields;
import java.util.Set;

/**
 * A private field of a handler that tells whether a fresh one could go on in its place.
 *
 * @param path its name, or that of a field and of one within that one's value
 * @param fresh the values, as {@link Fields#describe} has them, with which it could
 */
public record FieldCheck(String path, Set<String> fresh) {

    /** Parses {@code path=value|value}. */
    static FieldCheck parse(String check) {
        int equals = check.indexOf('=');
        return new FieldCheck(
                check.substring(0, equals), Set.of(check.substring(equals + 1).split("\\|")));
    }

    public boolean isFresh(Object handler) {
        return fresh.contains(value(handler));
    }

    /**
     * Reads the value, as text.
     *
     * @throws Fields.InaccessibleException if it cannot be read
     */
    public String value(Object handler) {
        Object value = handler;
        for (String name : path.split("\\.", -1)) {
            value = value == null ? null : Fields.read(value, name);
        }
        return Fields.describe(value);
    }

    /** Whether it says that a message that was too long is being thrown away. */
    public boolean isOfDiscarding() {
        return path.contains("iscard");
    }
}
