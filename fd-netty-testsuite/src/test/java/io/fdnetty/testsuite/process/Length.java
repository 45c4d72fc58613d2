package io.fdnetty.testsuite.process;

/**
 * How long the tests that take minutes go on. What they prove shows in a few upgrades; {@code -Dfdnetty.full=true}
 * gives them the numbers that were once required, for a release or a suspicion.
 */
public final class Length {
    private static final boolean FULL = Boolean.getBoolean("fdnetty.full");

    private Length() {}

    /** Returns the one number as a rule, the other one with the system property. */
    public static int of(int usual, int full) {
        return FULL ? full : usual;
    }
}
