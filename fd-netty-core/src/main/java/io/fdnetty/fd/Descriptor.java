package io.fdnetty.fd;

import io.fdnetty.internal.sys.Carrier;
import io.fdnetty.internal.sys.OneLine;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * One descriptor with a name and an owner.
 *
 * <p>Thread-safe. An {@linkplain #adopt adopted} descriptor is owned by this handle: {@link #close} closes it, once. A
 * {@linkplain #borrow borrowed} one stays the lender's, who keeps it open until the write in which it goes is done;
 * closing the handle does nothing. A handle whose descriptor was taken or closed is spent.
 */
public final class Descriptor implements AutoCloseable {
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(Descriptor.class);
    private static final AtomicIntegerFieldUpdater<Descriptor> STATE =
            AtomicIntegerFieldUpdater.newUpdater(Descriptor.class, "state");

    private static final int OWNED = 0;
    private static final int BORROWED = 1;
    private static final int TAKEN = 2;
    private static final int CLOSED = 3;

    private final FileDescriptor fd;
    private final String name;
    private volatile int state;
    private volatile boolean nonBlocking;

    private Descriptor(FileDescriptor fd, String name, int state) {
        this.fd = Objects.requireNonNull(fd, "fd");
        this.name = Objects.requireNonNull(name, "name");
        this.state = state;
    }

    /** Takes ownership of {@code fd} at once; the caller no longer closes it. */
    public static Descriptor adopt(FileDescriptor fd, String name) {
        return new Descriptor(fd, name, OWNED);
    }

    /** Lends {@code fd}; the caller still owns it and keeps it open as long as the handle is in use. */
    public static Descriptor borrow(FileDescriptor fd, String name) {
        return new Descriptor(fd, name, BORROWED);
    }

    /** The name under which people find it in logs and reports. */
    public String name() {
        return name;
    }

    /**
     * The same descriptor under another name. Ownership goes along and this handle is spent.
     *
     * @throws IllegalStateException if this handle is spent
     */
    public Descriptor named(String newName) {
        Objects.requireNonNull(newName, "newName");
        int before = state;
        if (before > BORROWED || !STATE.compareAndSet(this, before, TAKEN)) {
            throw spent();
        }
        return new Descriptor(fd, newName, before);
    }

    /** True while {@link #close} would close the descriptor. */
    public boolean isOwned() {
        return state == OWNED;
    }

    /** True while this handle is not spent and nobody has closed the descriptor itself. */
    public boolean isOpen() {
        return state <= BORROWED && fd.isOpen();
    }

    /**
     * Hands the descriptor to the caller, who must close it; closing this handle then does nothing.
     *
     * @throws IllegalStateException if it is borrowed, taken or closed
     */
    public FileDescriptor take() {
        if (!STATE.compareAndSet(this, OWNED, TAKEN)) {
            throw state == BORROWED ? new IllegalStateException(this + " is the lender's") : spent();
        }
        return fd;
    }

    /**
     * The descriptor, to look at or to pass to a system call. Ownership stays as it is.
     *
     * @throws IllegalStateException if this handle is spent
     */
    public FileDescriptor peek() {
        if (state > BORROWED) {
            throw spent();
        }
        return fd;
    }

    /**
     * What it is, asked from the kernel.
     *
     * @throws IllegalStateException if this handle is spent
     */
    public SocketKind kind() {
        return SocketKind.of(peek());
    }

    /**
     * Sets O_NONBLOCK, which an event loop needs. The flag lives on the open file description: every process that holds
     * a copy sees the change. Once this handle has done it, it asks the kernel no more.
     */
    public void makeNonBlocking() throws IOException {
        FileDescriptor open = peek();
        if (!nonBlocking) {
            Carrier.kernel().makeNonBlocking(open);
            nonBlocking = true;
        }
    }

    /** Closes the descriptor if this handle owns it; otherwise does nothing. Idempotent; a failure is logged. */
    @Override
    public void close() {
        if (!STATE.compareAndSet(this, OWNED, CLOSED)) {
            STATE.compareAndSet(this, BORROWED, CLOSED);
            return;
        }
        if (!fd.isOpen()) {
            logger.error("{} was closed behind its owner's back", this);
            return;
        }
        try {
            fd.close();
        } catch (IOException e) {
            logger.error("closing {} failed; its number may belong to somebody else by now", this, e);
        }
    }

    private IllegalStateException spent() {
        return new IllegalStateException(this + " is spent");
    }

    @Override
    public String toString() {
        return OneLine.of(name) + "(fd " + fd.intValue() + ", " + describe(state) + ")";
    }

    private static String describe(int state) {
        return switch (state) {
            case OWNED -> "owned";
            case BORROWED -> "borrowed";
            case TAKEN -> "taken";
            default -> "closed";
        };
    }
}
