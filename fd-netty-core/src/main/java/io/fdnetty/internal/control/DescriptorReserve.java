package io.fdnetty.internal.control;

import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A few descriptors kept for upgrades, so that a server can be relieved when it has reached its limit of open files,
 * which is when it needs it most: some are closed when the control socket has to accept, or a life-line is to be
 * opened, and they are opened again afterwards.
 *
 * <p>On the control loop, once the loop runs. Owns what it holds until {@link #end}.
 */
public final class DescriptorReserve {
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(DescriptorReserve.class);

    /**
     * For a control connection, for a second one that is told to come back later, for the life-line, and for files of
     * the author's state.
     */
    private static final int SIZE = 12;

    private final Deque<FileDescriptor> held = new ArrayDeque<>(SIZE);
    private boolean ended;

    /** Opens as many as are missing and may be opened. */
    public void fill() {
        try {
            while (!ended && held.size() < SIZE) {
                held.add(Socket.newSocketDomain());
            }
        } catch (RuntimeException | Error limitReached) {
            logger.debug("The reserve for upgrades has {} of {} descriptors", held.size(), SIZE, limitReached);
        }
    }

    /** Closes one; false if there is none. */
    boolean closeOne() {
        FileDescriptor one = held.poll();
        if (one == null) {
            return false;
        }
        try {
            one.close();
        } catch (IOException e) {
            logger.error("Closing {} failed", one, e);
        }
        return true;
    }

    /** Closes most of them, for an upgrade that begins. */
    public void lend() {
        while (held.size() > SIZE / 3) {
            closeOne();
        }
    }

    /** Closes all of them for good. */
    public void end() {
        ended = true;
        while (closeOne()) {
            // the next one
        }
    }
}
