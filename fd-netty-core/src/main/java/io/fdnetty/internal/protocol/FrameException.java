package io.fdnetty.internal.protocol;

import io.netty.handler.codec.DecoderException;
import java.io.Serial;

/**
 * The peer sent what is not a frame, or one beyond the limits. The message names the field and its value. Nothing more
 * can be read from that peer.
 */
public final class FrameException extends DecoderException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** @param message what was wrong, in one line */
    public FrameException(String message) {
        super(message);
    }
}
