package io.fdnetty;

import io.fdnetty.handover.ConnectionUnit;

/** How many bytes a unit is. */
final class UnitSize {
    private UnitSize() {}

    /** The bytes that the connection has not read and not written. */
    static long pending(ConnectionUnit unit) {
        return unit.parts().stream()
                .mapToLong(part ->
                        (long) part.unread().readableBytes() + part.unwritten().readableBytes())
                .sum();
    }
}
