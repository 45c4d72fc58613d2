package io.fdnetty.internal.server;

import io.fdnetty.StateSection;
import io.fdnetty.internal.protocol.MessageLimits;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The state sections of one server by name, in the order in which they were added: snapshots, saved while the incumbent
 * still serves, and final ones, saved when it has stopped accepting. Immutable.
 */
public final class StateSections {
    private final Map<String, StateSection> snapshots;
    private final Map<String, StateSection> finals;

    private StateSections(Map<String, StateSection> snapshots, Map<String, StateSection> finals) {
        this.snapshots = new LinkedHashMap<>(snapshots);
        this.finals = new LinkedHashMap<>(finals);
    }

    /** One section under its name. */
    public record Named(String name, StateSection section) {}

    public List<Named> of(boolean finalState) {
        return (finalState ? finals : snapshots)
                .entrySet().stream()
                        .map(e -> new Named(e.getKey(), e.getValue()))
                        .toList();
    }

    /** The section by that name, whichever kind it is here: a predecessor may have had it as the other kind. */
    @Nullable
    public StateSection find(String name) {
        StateSection section = snapshots.get(name);
        return section == null ? finals.get(name) : section;
    }

    public Collection<String> names() {
        LinkedHashMap<String, StateSection> all = new LinkedHashMap<>(snapshots);
        all.putAll(finals);
        return all.keySet();
    }

    public static final class Builder {
        private final Map<String, StateSection> snapshots = new LinkedHashMap<>();
        private final Map<String, StateSection> finals = new LinkedHashMap<>();

        public void add(String name, StateSection section, boolean finalState) {
            if (name.isEmpty() || name.length() > 200) {
                throw new IllegalArgumentException(
                        "the name of a state section must have 1 to 200 characters: \"" + name + '"');
            }
            MessageLimits.checkName(name);
            if (snapshots.containsKey(name) || finals.containsKey(name)) {
                throw new IllegalArgumentException("there is already a state section \"" + name + '"');
            }
            (finalState ? finals : snapshots).put(name, section);
        }

        public StateSections build() {
            return new StateSections(snapshots, finals);
        }
    }
}
