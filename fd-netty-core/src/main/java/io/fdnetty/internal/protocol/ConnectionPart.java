package io.fdnetty.internal.protocol;

import static java.util.Objects.requireNonNull;

import io.fdnetty.fd.Descriptor;
import io.netty.buffer.ByteBuf;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One socket of a {@link ConnectionUnit} with the bytes and the handler state that belong to it.
 *
 * <p>Not thread-safe. The descriptor, both buffers and the states' bytes are this part's from the constructor on, and
 * are closed and released with its unit; who wants to keep the descriptor takes it ({@link Descriptor#take()}), who
 * wants to keep a buffer retains it. A borrowed descriptor stays its lender's.
 */
public final class ConnectionPart {
    /** The peer has sent its FIN and the handlers have seen it. */
    public static final int INPUT_SHUTDOWN = 1;

    /** Our FIN is out, or follows the unwritten bytes. */
    public static final int OUTPUT_SHUTDOWN = 2;

    /** The connection ends once the unwritten bytes are written. */
    public static final int CLOSE_AFTER_WRITE = 4;

    /** The unread bytes have passed the handlers in front of the decoder: they go on at the decoder. */
    public static final int UNREAD_AT_DECODER = 8;

    /** All flags. */
    static final int FLAGS = INPUT_SHUTDOWN | OUTPUT_SHUTDOWN | CLOSE_AFTER_WRITE | UNREAD_AT_DECODER;

    private final String role;
    private final String listener;
    private final @Nullable Descriptor descriptor;
    private final int flags;
    private final ByteBuf unread;
    private final ByteBuf unwritten;
    private final List<HandlerState> state;

    /**
     * Takes ownership of all that it is given.
     *
     * @param role what the socket is in its unit, "accepted" for one that a listener accepted
     * @param listener the name of the listener that accepted it, empty if none did
     * @param flags a sum of {@link #INPUT_SHUTDOWN}, {@link #OUTPUT_SHUTDOWN}, {@link #CLOSE_AFTER_WRITE} and
     *     {@link #UNREAD_AT_DECODER}
     * @param unread bytes that were read from the socket and that no handler has consumed
     * @param unwritten bytes that the handlers wrote and the socket has not taken
     */
    public ConnectionPart(
            String role,
            String listener,
            Descriptor descriptor,
            int flags,
            ByteBuf unread,
            ByteBuf unwritten,
            List<HandlerState> state) {
        this(role, listener, flags, unread, unwritten, state, requireNonNull(descriptor, "descriptor"));
    }

    private ConnectionPart(
            String role,
            String listener,
            int flags,
            ByteBuf unread,
            ByteBuf unwritten,
            List<HandlerState> state,
            @Nullable Descriptor descriptor) {
        this.role = requireNonNull(role, "role");
        this.listener = requireNonNull(listener, "listener");
        this.descriptor = descriptor;
        this.flags = flags;
        this.unread = requireNonNull(unread, "unread");
        this.unwritten = requireNonNull(unwritten, "unwritten");
        this.state = List.copyOf(state);
    }

    /** A part that arrived without its descriptor, which the kernel dropped. */
    public static ConnectionPart withoutDescriptor(
            String role, String listener, int flags, ByteBuf unread, ByteBuf unwritten, List<HandlerState> state) {
        return new ConnectionPart(role, listener, flags, unread, unwritten, state, null);
    }

    /** What the socket is in its unit: "accepted", or a name that the unit's kind gives it. */
    public String role() {
        return role;
    }

    /** The name of the listener that accepted it; empty if none did. */
    public String listener() {
        return listener;
    }

    /** Whether the descriptor arrived; false only in a unit with {@link ConnectionUnit#missingDescriptors()}. */
    public boolean hasDescriptor() {
        return descriptor != null;
    }

    /**
     * The socket, still owned by this part.
     *
     * @throws IllegalStateException if the kernel dropped it on the way
     */
    public Descriptor descriptor() {
        if (descriptor == null) {
            throw new IllegalStateException("the descriptor of part \"" + role + "\" did not arrive");
        }
        return descriptor;
    }

    /** A sum of the flags above. */
    public int flags() {
        return flags;
    }

    /** Whether this bit, one of the constants, is set. */
    public boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /** Bytes that were read from the socket and that no handler has consumed; owned by this part. */
    public ByteBuf unread() {
        return unread;
    }

    /** Bytes that the handlers wrote and the socket has not taken; owned by this part. They are written first. */
    public ByteBuf unwritten() {
        return unwritten;
    }

    /** The saved states of its handlers, in the order of the pipeline; their bytes are owned by this part. */
    public List<HandlerState> state() {
        return state;
    }

    void release() {
        if (descriptor != null) {
            descriptor.close();
        }
        unread.release();
        unwritten.release();
        state.forEach(saved -> saved.bytes().release());
    }

    @Override
    public String toString() {
        return "part(" + role + (listener.isEmpty() ? "" : " of " + listener) + ", unread=" + unread.readableBytes()
                + ", unwritten=" + unwritten.readableBytes() + ", states=" + state.size() + ')';
    }
}
