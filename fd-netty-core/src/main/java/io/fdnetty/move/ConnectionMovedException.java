package io.fdnetty.move;

import java.nio.channels.ClosedChannelException;

/**
 * Fails what is written to a channel whose connection has left, or is about to leave, this process.
 *
 * <p>The bytes of a write that fails with it were not sent and will not be. It carries no stack trace: the caller is
 * not at fault.
 */
public final class ConnectionMovedException extends ClosedChannelException {
    private static final long serialVersionUID = 1L;

    private final String reason;

    public ConnectionMovedException(String reason) {
        this.reason = reason;
    }

    @Override
    public String getMessage() {
        return reason;
    }

    @Override
    @SuppressWarnings("UnsynchronizedOverridesSynchronized")
    public Throwable fillInStackTrace() {
        return this;
    }
}
