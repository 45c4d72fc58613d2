package io.fdnetty.internal.protocol;

import io.netty.buffer.ByteBuf;
import java.util.Objects;

/**
 * The saved state of one handler of a connection that moves.
 *
 * <p>The bytes belong to the {@link ConnectionPart} that lists this state and are released with it.
 *
 * @param name the name under which the handler saved it, 1 to 255 bytes of UTF-8
 * @param version the handler's own version of the format, at least 0
 * @param bytes what the handler wrote
 */
public record HandlerState(String name, int version, ByteBuf bytes) {
    public HandlerState {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(bytes, "bytes");
    }
}
