package io.fdnetty.internal.machine;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/** How long each {@link Deadline} may take. Immutable. */
public final class Deadlines {
    private final Map<Deadline, Duration> durations = new EnumMap<>(Deadline.class);

    /**
     * @param step how long the other side may stand still in a step that costs it nothing
     * @param author how long an author's own code may take: to save and load state, to set up
     * @param stop how long those connections that stand still wait for those that say "not now", where all move
     *     together
     */
    public Deadlines(Duration step, Duration author, Duration stop) {
        for (Deadline wait : Deadline.values()) {
            durations.put(wait, step);
        }
        durations.put(Deadline.READY, author);
        durations.put(Deadline.STOP_CONNECTIONS, stop);
        durations.put(Deadline.STATE, author.plus(step));
        durations.put(Deadline.FINAL_STATE, author);
        durations.put(Deadline.CUTOVER, author.plus(step));
        durations.put(Deadline.FINISHED, step.multipliedBy(2));
    }

    public long millis(Deadline wait) {
        Duration duration = durations.get(wait);
        return duration == null ? 0 : duration.toMillis();
    }
}
