package io.fdnetty.wire;

/** One upgrade that was captured. */
enum WireScenario {
    /** Listeners, state, five connections, of which the successor rejects one. */
    UPGRADE(true, true, false),
    /** The same with 253 descriptors in a message, which both runtimes must be able to. */
    FOREIGN(true, true, false),
    /** All connections move together. */
    TOGETHER(true, false, true),
    /** Together, and the successor cannot take one of them: all stay. */
    TOGETHER_REJECTED(false, true, true),
    /** The successor is another program. */
    REFUSED(false, false, false),
    /** The successor's author changes his mind. */
    FAILED(false, false, false),
    /** The incumbent's final state cannot be saved. */
    CALLED_OFF(false, false, false),
    /** The successor dies among the connections: all that it did not acknowledge stay. */
    KILLED(false, false, false);

    /** Whether the successor serves in the end. */
    final boolean succeeds;

    /** Whether the successor does not want connection {@link WireClients#UNWELCOME}. */
    final boolean rejects;

    final boolean together;

    WireScenario(boolean succeeds, boolean rejects, boolean together) {
        this.succeeds = succeeds;
        this.rejects = rejects;
        this.together = together;
    }

    String file() {
        return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }

    /** One section is longer than a chunk. */
    int configBytes() {
        return this == UPGRADE ? 66_000 : 100;
    }

    /** How many connections move. */
    int moved() {
        return succeeds ? WireClients.COUNT - (rejects ? 1 : 0) : 0;
    }
}
