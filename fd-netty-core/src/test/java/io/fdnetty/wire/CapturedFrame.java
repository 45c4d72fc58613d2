package io.fdnetty.wire;

import java.nio.ByteBuffer;
import java.util.List;

/** A frame as it was on the wire. */
final class CapturedFrame {
    static final int HEADER = 8;

    private final boolean incumbent;
    private final int type;
    private final int flags;
    private final byte[] payload;
    private final List<String> descriptors;

    /**
     * @param incumbent whether the incumbent sent it
     * @param descriptors what the kernel says that its descriptors are
     */
    CapturedFrame(boolean incumbent, int type, int flags, byte[] payload, List<String> descriptors) {
        this.incumbent = incumbent;
        this.type = type;
        this.flags = flags;
        this.payload = payload;
        this.descriptors = descriptors;
    }

    boolean incumbent() {
        return incumbent;
    }

    int type() {
        return type;
    }

    int flags() {
        return flags;
    }

    byte[] payload() {
        return payload;
    }

    List<String> descriptors() {
        return descriptors;
    }

    /** Header and payload; the carrier bytes follow. */
    ByteBuffer bytes() {
        return ByteBuffer.allocate(HEADER + payload.length)
                .put((byte) type)
                .put((byte) flags)
                .putShort((short) descriptors.size())
                .putInt(payload.length)
                .put(payload)
                .flip();
    }

    /** What must be the same in every run. */
    String compared() {
        return Layout.name(type) + " flags=" + flags + " +" + descriptors + ' ' + Layout.describe(type, payload);
    }

    String summary() {
        return (incumbent ? "incumbent " : "successor ")
                + Layout.name(type)
                + (descriptors.isEmpty() ? "" : " +" + String.join(",", descriptors))
                + " | "
                + (flags == 0 ? "" : "flags=" + flags + ' ')
                + Layout.summary(type, payload);
    }

    @Override
    public String toString() {
        return summary();
    }
}
