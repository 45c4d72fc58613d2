package io.fdnetty.internal.machine;

import io.fdnetty.internal.protocol.ConnectionPart;
import io.fdnetty.internal.protocol.HandlerState;
import io.netty.buffer.ByteBuf;
import java.util.List;

/** Parts whose descriptors the kernel dropped, for tests of what follows the decoder. */
public final class LostParts {
    private LostParts() {}

    /** Takes ownership of the buffers. */
    public static ConnectionPart of(
            String role, String listener, int flags, ByteBuf unread, ByteBuf unwritten, List<HandlerState> states) {
        return ConnectionPart.withoutDescriptor(role, listener, flags, unread, unwritten, states);
    }
}
