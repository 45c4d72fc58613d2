package io.fdnetty.migration;

/**
 * Why a connection does not move, and whether that may change.
 *
 * @param when the moment to ask again
 */
record Refusal(String reason, When when) {
    enum When {
        /** It never will. */
        NEVER,
        /** A handler says when. */
        WHEN_TOLD,
        /** Nobody says when: after a while. */
        LATER
    }

    static Refusal never(String reason) {
        return new Refusal(reason, When.NEVER);
    }

    static Refusal whenTold(String reason) {
        return new Refusal(reason, When.WHEN_TOLD);
    }

    static Refusal later(String reason) {
        return new Refusal(reason, When.LATER);
    }

    /** The same, as the reason of a whole group. */
    Refusal ofLinked(String kind) {
        return new Refusal("its linked " + kind + " connection: " + reason, when);
    }
}
