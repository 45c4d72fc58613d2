package io.fdnetty.internal.gate;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Why a connection does not move, and whether that may change.
 *
 * @param when the moment to ask again
 */
public record Refusal(String reason, When when) {
    public enum When {
        /** It never will. */
        NEVER,
        /** A handler says when. */
        WHEN_TOLD,
        /** Nobody says when: after a while. */
        LATER
    }

    public static Refusal never(String reason) {
        return new Refusal(reason, When.NEVER);
    }

    public static Refusal whenTold(String reason) {
        return new Refusal(reason, When.WHEN_TOLD);
    }

    public static Refusal later(String reason) {
        return new Refusal(reason, When.LATER);
    }

    /** The same, as the reason of a whole group. */
    public Refusal ofLinked(String kind) {
        return new Refusal("its linked " + kind + " connection: " + reason, when);
    }

    public static boolean isNever(List<Refusal> all) {
        return all.stream().anyMatch(refusal -> refusal.when == When.NEVER);
    }

    /** One of many, of which there is one at least: if it never moves, with the reasons for that. */
    public static Refusal all(List<Refusal> all) {
        List<Refusal> first = isNever(all)
                ? all.stream().filter(refusal -> refusal.when == When.NEVER).toList()
                : all;
        boolean isTold = first.stream().allMatch(refusal -> refusal.when == When.WHEN_TOLD);
        String reason = first.stream().map(Refusal::reason).distinct().collect(Collectors.joining("; "));
        return new Refusal(reason, isNever(all) ? When.NEVER : isTold ? When.WHEN_TOLD : When.LATER);
    }
}
