package io.fdnetty.internal.connection;

/**
 * Bounds of what one connection may carry along.
 *
 * @param maxUnitBytes how many unread, unwritten and state bytes one connection, or all that are linked, may have
 *     pending, in bytes; a connection with more does not move
 */
public record MoveLimits(int maxUnitBytes) {
    private static final int DEFAULT_UNIT_BYTES = 16 << 20;

    public MoveLimits {
        if (maxUnitBytes <= 0) {
            throw new IllegalArgumentException("maxUnitBytes: " + maxUnitBytes + " (expected: > 0)");
        }
    }

    /** 16 MiB for each connection. */
    public static MoveLimits defaults() {
        return new MoveLimits(DEFAULT_UNIT_BYTES);
    }
}
