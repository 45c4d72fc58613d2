package io.fdnetty.internal.capture;

import io.fdnetty.internal.gate.Refusal;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The harvest of all sockets of a unit, of which each may write to the others. Event loop only. Each part can give it
 * back.
 */
final class UnitHarvest {
    /** How often writers may write again because their writes are done. */
    private static final int MAX_ROUNDS = 64;

    /** For handlers that write the next piece when one is written, as long as what they have added is not read. */
    static final Refusal WRITES_ON = Refusal.later("it writes on and on as its writes complete");

    /** What such writes may add: handlers that write the next piece when one is written would fill any limit. */
    private static final long LEAST_ADDED = 1 << 20;

    private static final int HIGH_WATER_MARKS = 4;

    private final List<CapturePart> parts;
    private final int limit;
    private final long pendingBefore;
    private boolean writesOn;

    UnitHarvest(List<CapturePart> parts, int limit) {
        this.parts = parts;
        this.limit = limit;
        this.pendingBefore = parts.stream().mapToLong(CapturePart::pending).sum();
    }

    /** Whether its handlers write on and on as their writes are taken. */
    boolean writesOn() {
        return writesOn;
    }

    /** How many bytes were pending before anything was taken. */
    long pendingBefore() {
        return pendingBefore;
    }

    /** Takes all that travels; returns why it cannot, null if it can. */
    @Nullable
    Refusal gather() {
        parts.forEach(part -> part.harvest().holdBackFin());
        Refusal refusal = each(PartHarvest::takeUnwritten);
        if (refusal == null) {
            refusal = takeHeld();
        }
        if (refusal == null) {
            refusal = each(PartHarvest::saveState);
        }
        if (refusal == null) {
            refusal = takeHeld();
        }
        if (refusal == null) {
            refusal = each(PartHarvest::takeUnread);
        }
        return refusal == null && size() > limit ? tooMuch(size(), limit) : refusal;
    }

    /** Takes what was written while the gates held, in rounds: completed writes may lead to further ones. */
    private @Nullable Refusal takeHeld() {
        for (int round = 0; parts.stream().anyMatch(part -> part.harvest().isWritten()); round++) {
            if (round == MAX_ROUNDS || size() > pendingBefore + mostAdded()) {
                writesOn = true;
                return WRITES_ON;
            }
            Refusal refusal = each(PartHarvest::takeHeld);
            if (refusal == null && size() > limit) {
                refusal = tooMuch(size(), limit);
            }
            if (refusal != null) {
                return refusal;
            }
        }
        return null;
    }

    private long mostAdded() {
        long marks = parts.stream().mapToLong(CapturePart::highWaterMark).sum();
        return Math.max(LEAST_ADDED, HIGH_WATER_MARKS * marks);
    }

    private @Nullable Refusal each(Function<PartHarvest, @Nullable Refusal> step) {
        for (CapturePart part : parts) {
            Refusal refusal = part.named(step.apply(part.harvest()));
            if (refusal != null) {
                return refusal;
            }
        }
        return null;
    }

    private long size() {
        return parts.stream().mapToLong(part -> part.harvest().size()).sum();
    }

    static Refusal tooMuch(long size, int limit) {
        return Refusal.never("too much pending: " + size + " bytes (at most " + limit + ')');
    }
}
