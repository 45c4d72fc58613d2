package io.fdnetty;

import io.fdnetty.internal.sys.OneLine;
import java.io.IOException;
import java.io.Serial;

/**
 * Thrown when an upgrade or a cold start fails. The process that threw it changed nothing for its peer: a running
 * predecessor serves on.
 *
 * <p>{@link #step()} names the step that failed in the words of {@code docs/protocol.md}; the message says why and,
 * where the operator can mend it, what to do.
 */
public final class UpgradeException extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final UpgradeStep step;

    /**
     * @param step the step that failed
     * @param reason why; made one line, since it may quote what a peer said
     */
    public UpgradeException(UpgradeStep step, String reason) {
        super(OneLine.of(reason));
        this.step = step;
    }

    /**
     * @param step the step that failed
     * @param reason why, in one line
     * @param cause what was thrown
     */
    public UpgradeException(UpgradeStep step, String reason, Throwable cause) {
        super(OneLine.of(reason), cause);
        this.step = step;
    }

    /** Returns the step that failed. */
    public UpgradeStep step() {
        return step;
    }
}
