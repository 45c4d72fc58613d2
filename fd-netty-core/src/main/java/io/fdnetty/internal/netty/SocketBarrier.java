package io.fdnetty.internal.netty;

import io.netty.channel.AbstractChannel;
import io.netty.channel.Channel;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Keeps every write and every close away from the socket of a stopped channel, also one that bypasses the gate: the
 * context of a handler that removed itself while it was the first one leads straight to the socket, whatever stands in
 * front of it by now.
 *
 * <p>While the barrier is up, what is written stays in the channel's outbound buffer and a close waits for the
 * channel's end. Event loop only.
 *
 * <p>Netty has no public door for it. The barrier sets two of its private flags: that a flush is under way, so that no
 * other begins, and that a close is. Checked against Netty 4.2.18. Without access to them a connection does not move.
 */
public final class SocketBarrier {
    /** The option with which a JVM gives access, for people. */
    public static final String HOW_TO_OPEN = "--add-opens io.netty.transport/io.netty.channel=io.fdnetty.core"
            + " --add-opens io.netty.codec/io.netty.handler.codec=io.fdnetty.core";

    private static final String UNSAFE = AbstractChannel.class.getName() + "$AbstractUnsafe";
    private static final @Nullable VarHandle IN_FLUSH = flag(UNSAFE, "inFlush0");
    private static final @Nullable VarHandle CLOSE_INITIATED = flag(AbstractChannel.class.getName(), "closeInitiated");
    private static final @Nullable VarHandle CLOSE_CAUSE =
            ChannelInternals.field(AbstractChannel.class, "initialCloseCause", Throwable.class);

    private SocketBarrier() {}

    private static @Nullable VarHandle flag(String owner, String name) {
        return ChannelInternals.field(owner, AbstractChannel.class.getClassLoader(), name, boolean.class);
    }

    /** Whether a channel of this class can be barred in this process. */
    public static boolean isAvailable() {
        return IN_FLUSH != null && CLOSE_INITIATED != null;
    }

    /** Nothing reaches the socket from now on. */
    public static void raise(Channel channel) {
        set(channel, true);
    }

    /** Writes and closes reach the socket again; what was written meanwhile waits for the next flush. */
    public static void lower(Channel channel) {
        set(channel, false);
    }

    private static void set(Channel channel, boolean up) {
        if (IN_FLUSH != null && CLOSE_INITIATED != null && channel instanceof AbstractChannel barred) {
            IN_FLUSH.set(channel.unsafe(), up);
            CLOSE_INITIATED.set(barred, up);
        }
    }

    /**
     * What is written to the channel once it is closed fails with this as the cause of the
     * {@code ClosedChannelException}.
     */
    public static void closeCause(Channel channel, Throwable cause) {
        if (CLOSE_CAUSE != null && channel instanceof AbstractChannel closed) {
            CLOSE_CAUSE.set(closed, cause);
        }
    }
}
