package io.fdnetty.internal.protocol;

import io.fdnetty.fd.Descriptor;
import io.netty.buffer.ByteBuf;
import java.util.List;

/** Frames as a decoder makes them, for tests of what follows it. */
public final class ReceivedFrames {
    private ReceivedFrames() {}

    /** Takes ownership of the payload and the descriptors. */
    public static Frame of(int type, boolean skippable, ByteBuf payload, List<Descriptor> arrived, int missing) {
        return Frame.received(type, skippable, payload, arrived, missing);
    }
}
