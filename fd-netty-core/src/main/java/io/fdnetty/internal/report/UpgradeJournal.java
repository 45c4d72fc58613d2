package io.fdnetty.internal.report;

import io.fdnetty.Role;
import io.fdnetty.UpgradePhase;
import io.fdnetty.UpgradeReport;
import io.fdnetty.internal.sys.OneLine;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The record of one upgrade as one side sees it: it writes the log and the Flight Recorder events while the upgrade
 * runs, and the report at its end. Used on the control loop only.
 */
public final class UpgradeJournal {
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(UpgradeJournal.class);

    private static final int MOST_REASONS = 32;

    private final Role role;
    private final long generation;
    private final ListenerNotifier events;
    private final long began = System.nanoTime();
    private final Map<UpgradePhase, Duration> phases = new LinkedHashMap<>();
    private final Map<String, Long> keptReasons = new LinkedHashMap<>();
    private final List<String> notes = new ArrayList<>();
    private final Map<Long, String> rejected = new LinkedHashMap<>();
    private final Map<String, Long> rejections = new LinkedHashMap<>();
    private final PauseSamples pauses = new PauseSamples();
    private UpgradePhaseEvent recording = new UpgradePhaseEvent();
    private @Nullable UpgradePhase phase;
    private long phaseBegan = began;
    private long moved;
    private long kept;
    private long closed;
    private long stateBytes;
    private long connectionBytes;

    public UpgradeJournal(Role role, long generation, ListenerNotifier events) {
        this.role = role;
        this.generation = generation;
        this.events = events;
    }

    /** A phase begins, and the one before it ends. */
    public void enter(UpgradePhase next, String why) {
        leave();
        String reason = OneLine.of(why);
        logger.info("Upgrade as {} (generation {}): {} because {}", role, generation, next, reason);
        phase = next;
        recording = new UpgradePhaseEvent();
        recording.role = role.label();
        recording.generation = generation;
        recording.phase = next.label();
        recording.reason = reason;
        recording.begin();
        events.tell(listener -> listener.phase(role, next, reason));
    }

    private void leave() {
        long now = System.nanoTime();
        if (phase != null) {
            phases.merge(phase, Duration.ofNanos(now - phaseBegan), Duration::plus);
            recording.commit();
        }
        phaseBegan = now;
    }

    public void moved(long connections) {
        moved += connections;
    }

    public long movedSoFar() {
        return moved;
    }

    public void closed(long connections) {
        closed += connections;
    }

    /** Says what is kept now and why, and why those were kept that have ended here; replaces what was said before. */
    public void kept(Map<String, Long> reasons, Map<String, Long> ended) {
        keptReasons.clear();
        keptReasons.putAll(reasons);
        ended.forEach((reason, count) -> keptReasons.merge(reason, count, Long::sum));
        kept = reasons.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Called once for each reason. */
    public void staying(String reason, long connections) {
        logger.warn(
                "Upgrade as {} (generation {}): kept {} connections, until they can move or the drain deadline: {}",
                role,
                generation,
                connections,
                reason);
    }

    public void pause(long micros) {
        pauses.add(micros);
    }

    public void stateBytes(long bytes) {
        stateBytes += bytes;
    }

    public void connectionBytes(long bytes) {
        connectionBytes += bytes;
    }

    public void note(String what) {
        String note = OneLine.of(what);
        logger.warn("Upgrade as {} (generation {}): {}", role, generation, note);
        notes.add(note);
    }

    /** Logs each distinct reason once: there may be as many as connections. */
    public void rejected(long id, String reason) {
        taken(id);
        String line = OneLine.of(reason);
        String counted = rejections.size() < MOST_REASONS || rejections.containsKey(line) ? line : "other reasons";
        rejected.put(id, counted);
        if (rejections.merge(counted, 1L, Long::sum) == 1) {
            logger.warn(
                    "Upgrade as {} (generation {}): connection {} was rejected: {}; it stays with the"
                            + " predecessor, and so does every other of which that is true",
                    role,
                    generation,
                    id,
                    line);
        }
    }

    /** One that had been rejected may have been offered again. */
    public void taken(long id) {
        String before = rejected.remove(id);
        if (before != null) {
            rejections.computeIfPresent(before, (reason, count) -> count - 1);
        }
    }

    private List<String> allNotes() {
        List<String> all = new ArrayList<>(notes);
        rejections.forEach((reason, count) -> {
            if (count > 0) {
                all.add(count + " connections were rejected: " + reason);
            }
        });
        return Collections.unmodifiableList(all);
    }

    public UpgradeReport report() {
        Map<UpgradePhase, Duration> times = new LinkedHashMap<>(phases);
        if (phase != null) {
            times.merge(phase, Duration.ofNanos(System.nanoTime() - phaseBegan), Duration::plus);
        }
        return new UpgradeReport(
                role,
                generation,
                moved,
                kept,
                closed,
                Map.copyOf(keptReasons),
                stateBytes,
                connectionBytes,
                pauses.summary(),
                Duration.ofNanos(System.nanoTime() - began),
                Collections.unmodifiableMap(times),
                allNotes());
    }
}
