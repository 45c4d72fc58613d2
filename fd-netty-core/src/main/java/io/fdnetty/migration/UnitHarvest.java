package io.fdnetty.migration;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The harvest of all sockets of a unit, of which each may write to the others. Event loop only. Each part can give it back.
 */
final class UnitHarvest {
    /** How often writers may write again because their writes are done. */
    private static final int MAX_ROUNDS = 64;

    private final List<CapturePart> parts;
    private final int limit;

    UnitHarvest(List<CapturePart> parts, int limit) {
        this.parts = parts;
        this.limit = limit;
    }

    /** Takes all that travels; returns why it cannot, null if it can. */
    @Nullable
    Refusal gather() {
        parts.forEach(part -> part.harvest().holdBackFin());
        Refusal refusal = each(Harvest::takeUnwritten);
        if (refusal == null) {
            refusal = takeHeld();
        }
        if (refusal == null) {
            refusal = each(Harvest::saveState);
        }
        if (refusal == null) {
            refusal = takeHeld();
        }
        if (refusal == null) {
            refusal = each(Harvest::takeUnread);
        }
        return refusal == null && size() > limit ? tooMuch(size(), limit) : refusal;
    }

    /** Takes what was written while the gates held, in rounds: completed writes may lead to further ones. */
    private @Nullable Refusal takeHeld() {
        for (int round = 0; parts.stream().anyMatch(part -> part.harvest().isWritten()); round++) {
            if (round == MAX_ROUNDS) {
                return Refusal.later("it writes on and on as its writes complete");
            }
            Refusal refusal = each(Harvest::takeHeld);
            if (refusal == null && size() > limit) {
                refusal = tooMuch(size(), limit);
            }
            if (refusal != null) {
                return refusal;
            }
        }
        return null;
    }

    private @Nullable Refusal each(Function<Harvest, @Nullable Refusal> step) {
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
