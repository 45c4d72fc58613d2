package io.fdnetty.internal.sys;

import java.io.IOException;

/** A system call that failed: which call, with which values, and the errno. */
public final class SystemCallException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int errno;

    SystemCallException(String message, int errno) {
        super(message);
        this.errno = errno;
    }

    /** The errno of this platform, positive. */
    public int errno() {
        return errno;
    }
}
