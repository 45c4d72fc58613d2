package io.fdnetty.internal.protocol;

import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a successor takes in CONNECTIONS: its own limit, which HELLO announces, and those of the protocol. A unit that
 * exceeds them would end the hand-over for all.
 *
 * @param maxPayload the longest payload that it accepts, in bytes
 */
public record UnitLimits(int maxPayload) {
    private static final int COUNT = Short.BYTES;

    /** Why this unit cannot be sent; null if it can. */
    public @Nullable String refusal(ConnectionUnit unit) {
        long size = COUNT + size(unit);
        if (size > maxPayload) {
            return "it would take " + size + " bytes on the way; the successor takes " + maxPayload + " at most";
        }
        if (unit.parts().size() > MessageLimits.PARTS) {
            return "it has " + unit.parts().size() + " linked connections (at most " + MessageLimits.PARTS + ')';
        }
        return unit.parts().stream().anyMatch(part -> part.state().size() > MessageLimits.STATES)
                ? "more than " + MessageLimits.STATES + " handlers save a state"
                : refusalOfNames(unit);
    }

    private static @Nullable String refusalOfNames(ConnectionUnit unit) {
        List<String> names = new ArrayList<>(List.of(unit.kind()));
        for (ConnectionPart part : unit.parts()) {
            names.add(part.role());
            names.add(part.listener());
            part.state().forEach(state -> names.add(state.name()));
        }
        return names.stream()
                .map(MessageLimits::objectionToName)
                .filter(objection -> objection != null)
                .findFirst()
                .orElse(null);
    }

    /** The units in frames that the successor accepts, in order. None of them is {@linkplain #refusal refused}. */
    public List<List<ConnectionUnit>> frames(List<ConnectionUnit> units) {
        List<List<ConnectionUnit>> frames = new ArrayList<>();
        List<ConnectionUnit> frame = new ArrayList<>();
        long bytes = COUNT;
        int descriptors = 0;
        for (ConnectionUnit unit : units) {
            long more = size(unit);
            int parts = unit.parts().size();
            boolean isFull = bytes + more > maxPayload
                    || descriptors + parts > MessageLimits.DESCRIPTORS
                    || frame.size() == MessageLimits.UNITS;
            if (isFull) {
                frames.add(frame);
                frame = new ArrayList<>();
                bytes = COUNT;
                descriptors = 0;
            }
            frame.add(unit);
            bytes += more;
            descriptors += parts;
        }
        if (!frame.isEmpty()) {
            frames.add(frame);
        }
        return frames;
    }

    /** What the unit takes in the payload of a frame, as docs/protocol.md draws it. */
    static long size(ConnectionUnit unit) {
        long size = Long.BYTES + text(unit.kind()) + Integer.BYTES + Long.BYTES + Byte.BYTES;
        for (ConnectionPart part : unit.parts()) {
            size += text(part.role()) + text(part.listener()) + Byte.BYTES + Byte.BYTES;
            size += 2L * Integer.BYTES
                    + part.unread().readableBytes()
                    + part.unwritten().readableBytes();
            for (HandlerState state : part.state()) {
                size += text(state.name()) + 2L * Integer.BYTES + state.bytes().readableBytes();
            }
        }
        return size;
    }

    private static long text(String text) {
        return (long) Short.BYTES + ByteBufUtil.utf8Bytes(text);
    }
}
