package io.fdnetty.examples;

import org.jspecify.annotations.Nullable;

/** A failure that its user can understand and mend: the message says in one line what happened and what to do. */
public final class ProgramException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ProgramException(String message) {
        this(message, null);
    }

    public ProgramException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
