package io.fdnetty.channel;

import java.io.IOException;

/**
 * The kernel dropped descriptors of a message: the process is at its limit of open files, or the peer sent more in one
 * message than this carrier can receive.
 *
 * <p>Fired as an exception after the descriptors that did arrive; the bytes are complete.
 */
public final class DescriptorsTruncatedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int arrived;

    DescriptorsTruncatedException(int arrived) {
        super("the kernel dropped descriptors of a message of which " + arrived
                + " arrived: is the limit of open files (RLIMIT_NOFILE) reached?");
        this.arrived = arrived;
    }

    /** How many of that message did arrive. */
    public int arrived() {
        return arrived;
    }
}
