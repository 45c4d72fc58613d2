package io.fdnetty.internal.protocol;

import static java.util.Objects.requireNonNull;

import io.fdnetty.fd.Descriptor;
import io.fdnetty.fd.Descriptors;
import io.netty.buffer.ByteBuf;
import io.netty.util.AbstractReferenceCounted;
import java.util.List;

/**
 * A type, a payload and descriptors: the unit of the framed protocol.
 *
 * <p>Owns the payload and the descriptors until it is released; what was taken from {@link #descriptors()} is the
 * taker's. Not thread-safe apart from the reference count.
 */
public final class Frame extends AbstractReferenceCounted {
    private final int type;
    private final boolean skippable;
    private final ByteBuf payload;
    private final Descriptors descriptors;
    private final int missing;

    private Frame(int type, boolean skippable, ByteBuf payload, Descriptors descriptors, int missing) {
        this.type = type;
        this.skippable = skippable;
        this.payload = requireNonNull(payload, "payload");
        this.descriptors = requireNonNull(descriptors, "descriptors");
        this.missing = missing;
    }

    /**
     * Takes ownership of the payload and of the descriptors, on failure too.
     *
     * @throws IllegalArgumentException if the type is not 0 to 255, or there are more than 65535 descriptors
     */
    public static Frame of(int type, boolean skippable, ByteBuf payload, Descriptors descriptors) {
        if ((type & ~0xff) != 0 || descriptors.size() > 0xffff) {
            payload.release();
            descriptors.release();
            throw new IllegalArgumentException("type: " + type + ", descriptors: " + descriptors.size());
        }
        return new Frame(type, skippable, payload, descriptors, 0);
    }

    /** Takes ownership of the payload. */
    public static Frame of(int type, boolean skippable, ByteBuf payload) {
        return of(type, skippable, payload, Descriptors.of(List.of()));
    }

    static Frame received(int type, boolean skippable, ByteBuf payload, List<Descriptor> arrived, int missing) {
        return new Frame(type, skippable, payload, Descriptors.of(arrived), missing);
    }

    /** 0 to 255. */
    public int type() {
        return type;
    }

    /** Whether a receiver that does not know the type may skip the frame. */
    public boolean skippable() {
        return skippable;
    }

    /** Still owned by this frame. */
    public ByteBuf payload() {
        return payload;
    }

    /** Those that arrived, in the order in which they were sent; still owned by this frame. */
    public Descriptors descriptors() {
        return descriptors;
    }

    /** How many of the announced descriptors the kernel dropped: always the last ones. */
    public int missingDescriptors() {
        return missing;
    }

    @Override
    protected void deallocate() {
        payload.release();
        descriptors.release();
    }

    @Override
    public Frame touch(Object hint) {
        payload.touch(hint);
        descriptors.touch(hint);
        return this;
    }

    @Override
    public String toString() {
        return "frame(type " + type + (skippable ? ", skippable, " : ", ") + payload.readableBytes() + " bytes, "
                + descriptors.size() + " descriptors" + (missing == 0 ? ")" : ", " + missing + " missing)");
    }
}
