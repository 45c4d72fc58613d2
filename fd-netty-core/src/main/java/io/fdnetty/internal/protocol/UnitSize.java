package io.fdnetty.internal.protocol;

/** How many bytes a unit is. */
public final class UnitSize {
    private UnitSize() {}

    /** The bytes that the connection has not read and not written. */
    public static long pending(ConnectionUnit unit) {
        return unit.parts().stream()
                .mapToLong(part ->
                        (long) part.unread().readableBytes() + part.unwritten().readableBytes())
                .sum();
    }
}
