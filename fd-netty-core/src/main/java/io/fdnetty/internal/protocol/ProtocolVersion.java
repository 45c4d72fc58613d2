package io.fdnetty.internal.protocol;

/** The versions of the hand-over protocol that this library speaks. */
public final class ProtocolVersion {
    /** The oldest. */
    public static final int MIN = 1;

    /** The newest. */
    public static final int MAX = 1;

    private ProtocolVersion() {}
}
