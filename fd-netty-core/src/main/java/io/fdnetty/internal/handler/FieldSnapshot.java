package io.fdnetty.internal.handler;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the fields of a handler held at one moment, as values that refer to no living object: primitives, strings, names
 * of classes, sizes, hashes. Immutable. {@link FieldWalk} takes it.
 */
public final class FieldSnapshot {
    /** A field that two handlers did not even have in common when they were new. */
    private static final Object VARIES = new Object() {
        @Override
        public String toString() {
            return "varies";
        }
    };

    private final Map<String, Object> leaves;
    private final Map<String, Integer> identities;

    /**
     * @param leaves by the paths of the fields
     * @param identities the identity hash codes of the mutable objects among them
     */
    FieldSnapshot(Map<String, Object> leaves, Map<String, Integer> identities) {
        this.leaves = leaves;
        this.identities = identities;
    }

    /**
     * An object that does not belong to the handler alone, by its identity hash code: what it holds is not looked at.
     */
    record Shared(int identity) {}

    /** A value that has a state which cannot be seen from outside. */
    record Opaque(String type) {}

    /** Whether at this path stands an object that is no handler's own. */
    boolean isShared(String path, Object value) {
        return new Shared(System.identityHashCode(value)).equals(leaves.get(path));
    }

    /**
     * With what a second handler, as new as the first one, tells about it: an object that both have is shared, a value
     * that differs says nothing.
     */
    FieldSnapshot refined(FieldSnapshot second) {
        Map<String, Object> refined = new LinkedHashMap<>(leaves);
        identities.forEach((path, identity) -> {
            if (identity.equals(second.identities.get(path))) {
                refined.keySet().removeIf(other -> other.startsWith(path + '.'));
                refined.put(path, new Shared(identity));
            }
        });
        refined.replaceAll(
                (path, leaf) -> leaf instanceof Shared || leaf.equals(second.leaves.get(path)) ? leaf : VARIES);
        return new FieldSnapshot(refined, Map.of());
    }

    /**
     * The first field that holds what it holds in neither of two snapshots of new handlers; null if there is none.
     *
     * @param one may be the same as the other
     */
    @Nullable
    Difference differenceTo(FieldSnapshot one, FieldSnapshot other) {
        Set<String> paths = new LinkedHashSet<>(leaves.keySet());
        paths.addAll(one.leaves.keySet());
        for (String path : paths) {
            Object now = leaves.get(path);
            if (now instanceof Opaque opaque) {
                return new Difference(path, Kind.OPAQUE, opaque.type());
            }
            if (!Objects.equals(now, one.leaves.get(path)) && !Objects.equals(now, other.leaves.get(path))) {
                boolean varies = one.leaves.get(path) == VARIES || other.leaves.get(path) == VARIES;
                return new Difference(path, varies ? Kind.VARIES : Kind.CHANGED, "");
            }
        }
        return null;
    }

    /** What a difference means. */
    public enum Kind {
        /** The field does not hold what it held when the handler was new. */
        CHANGED,
        /** The handler was not there when the pipeline had been built. */
        LATECOMER,
        /** Looking at a new one failed. */
        UNMEASURABLE,
        /** The field held something else in every handler from the start, so it tells nothing. */
        VARIES,
        /** The field holds an object whose state cannot be seen. */
        OPAQUE
    }

    /**
     * A field that differs.
     *
     * @param path of the field; empty if the whole handler is meant
     * @param type of an object whose state cannot be seen; empty for other kinds
     */
    public record Difference(String path, Kind kind, String type) {}
}
