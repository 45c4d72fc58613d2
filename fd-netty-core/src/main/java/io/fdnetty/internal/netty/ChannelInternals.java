package io.fdnetty.internal.netty;

import io.netty.channel.Channel;
import io.netty.channel.epoll.AbstractEpollStreamChannel;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.UnixChannel;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The places of Netty that have no public door. Checked against Netty 4.2.18; every one has a fallback in its caller,
 * for where Netty's modules are named and not opened.
 */
public final class ChannelInternals {
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(ChannelInternals.class);

    private static final int OUTPUT_SHUTDOWN = 1 << 2;
    private static final @Nullable VarHandle SOCKET_STATE = field(FileDescriptor.class, "state", int.class);

    private static final @Nullable VarHandle EPOLL_READ_PENDING = field(
            AbstractEpollStreamChannel.class.getSuperclass().getName() + "$AbstractEpollUnsafe",
            AbstractEpollStreamChannel.class.getClassLoader(),
            "readPending",
            boolean.class);

    private ChannelInternals() {}

    /**
     * Makes {@code shutdownOutput()} of a captured channel do nothing to the socket: the FIN would overtake bytes that
     * another process has yet to write.
     */
    public static void holdBackFin(Channel channel) {
        if (SOCKET_STATE != null) {
            SOCKET_STATE.getAndBitwiseOr(((UnixChannel) channel).fd(), OUTPUT_SHUTDOWN);
        }
    }

    /** Undoes {@link #holdBackFin}, unless the output was shut down before. */
    public static void allowFin(Channel channel, boolean wasShutDown) {
        FileDescriptor socket = ((UnixChannel) channel).fd();
        if (SOCKET_STATE != null && !wasShutDown && socket.isOpen()) {
            SOCKET_STATE.getAndBitwiseAnd(socket, ~OUTPUT_SHUTDOWN);
        }
    }

    /** Whether a read was asked for that has not happened yet; true if that cannot be known. Event loop only. */
    public static boolean isReadOutstanding(Channel channel) {
        return !(channel instanceof AbstractEpollStreamChannel)
                || EPOLL_READ_PENDING == null
                || (boolean) EPOLL_READ_PENDING.get(channel.unsafe());
    }

    /** The handle of a private field of a class that may not be visible from here; null if it cannot be reached. */
    public static @Nullable VarHandle field(String owner, @Nullable ClassLoader loader, String name, Class<?> type) {
        try {
            return field(Class.forName(owner, false, loader), name, type);
        } catch (ClassNotFoundException | LinkageError e) {
            logger.debug("There is no {}: going on without it", owner, e);
            return null;
        }
    }

    /** The handle of a private field; null if it cannot be reached. */
    public static @Nullable VarHandle field(Class<?> owner, String name, Class<?> type) {
        try {
            return MethodHandles.privateLookupIn(owner, MethodHandles.lookup()).findVarHandle(owner, name, type);
        } catch (ReflectiveOperationException | SecurityException e) {
            logger.debug("No access to {}.{}: going on without it", owner.getName(), name, e);
            return null;
        }
    }
}
