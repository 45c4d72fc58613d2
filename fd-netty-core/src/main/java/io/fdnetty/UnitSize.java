package io.fdnetty;

import io.fdnetty.handover.ConnectionPart;
import io.fdnetty.handover.ConnectionUnit;
import io.fdnetty.handover.HandlerState;

/** How many bytes a unit is. */
final class UnitSize {
    private static final int NAMES_AND_LENGTHS = 1024;
    private static final int NAME_AND_LENGTH = 512;

    private UnitSize() {}

    /** About what the unit takes in a frame: its bytes, and more than enough for names and lengths. */
    static long onWire(ConnectionUnit unit) {
        long bytes = NAMES_AND_LENGTHS + pending(unit);
        for (ConnectionPart part : unit.parts()) {
            bytes += NAMES_AND_LENGTHS;
            for (HandlerState state : part.state()) {
                bytes += NAME_AND_LENGTH + state.bytes().readableBytes();
            }
        }
        return bytes;
    }

    /** The bytes that the connection has not read and not written. */
    static long pending(ConnectionUnit unit) {
        return unit.parts().stream()
                .mapToLong(part ->
                        (long) part.unread().readableBytes() + part.unwritten().readableBytes())
                .sum();
    }
}
