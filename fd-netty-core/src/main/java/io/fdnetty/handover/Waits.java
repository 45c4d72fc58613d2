package io.fdnetty.handover;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/** How long each {@link Wait} may take. Immutable. */
public final class Waits {
    private final Map<Wait, Duration> durations = new EnumMap<>(Wait.class);

    /**
     * @param step how long the other side may stand still in a step that costs it nothing
     * @param author how long an author's own code may take: to save and load state, to set up
     * @param stop how long those connections that stand still wait for those that say "not now", where all move together
     */
    public Waits(Duration step, Duration author, Duration stop) {
        for (Wait wait : Wait.values()) {
            durations.put(wait, step);
        }
        durations.put(Wait.READY, author);
        durations.put(Wait.STOP_CONNECTIONS, stop);
        durations.put(Wait.STATE, author.plus(step));
        durations.put(Wait.FINAL_STATE, author);
        durations.put(Wait.CUTOVER, author.plus(step));
        durations.put(Wait.FINISHED, step.multipliedBy(2));
    }

    long millis(Wait wait) {
        Duration duration = durations.get(wait);
        return duration == null ? 0 : duration.toMillis();
    }
}
