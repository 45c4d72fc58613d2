package io.fdnetty.fuzz;

/** Assertions that cost nothing while they hold. */
final class Checks {
    private Checks() {}

    static void that(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    static void that(boolean holds, String otherwise, Object about) {
        if (!holds) {
            throw new AssertionError(otherwise + ": " + about);
        }
    }
}
