package io.fdnetty.internal.netty;

import io.netty.channel.AbstractChannel;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The few places of Netty that have no public door, and what is lost where they stay shut (Netty as named modules that
 * are not opened).
 *
 * <p>Checked against Netty 4.2.18. Every one has a fallback in its caller; none is used per message.
 */
public final class NettyInternals {
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(NettyInternals.class);

    private static final @Nullable VarHandle EVENT_LOOP = field(AbstractChannel.class, "eventLoop", EventLoop.class);
    private static final String ACCEPTOR = "io.netty.bootstrap.ServerBootstrap$ServerBootstrapAcceptor";
    private static final @Nullable VarHandle CHILD_GROUP = childGroup();
    private static final @Nullable VarHandle LOCAL_ADDRESS =
            field(AbstractChannel.class, "localAddress", SocketAddress.class);

    private NettyInternals() {}

    /**
     * Lets a deregistered channel belong to {@code loop} until it is registered again.
     *
     * <p>A handler that is added to a channel that was registered once is initialised by a task on the channel's loop;
     * on its former loop that task would race with the registration on the next one. Without this a child that returns
     * may be initialised late.
     */
    public static void park(Channel deregistered, EventLoop loop) {
        if (EVENT_LOOP != null && deregistered instanceof AbstractChannel channel) {
            EVENT_LOOP.setVolatile(channel, loop);
        }
    }

    /** Sets the cached local address, for a unix listener that must not know that it could delete its file. */
    public static void localAddress(Channel channel, SocketAddress address) {
        if (LOCAL_ADDRESS != null && channel instanceof AbstractChannel cached) {
            LOCAL_ADDRESS.setVolatile(cached, address);
        }
    }

    /**
     * The group to which a handler of a server channel's pipeline gives the children; null if it is not the acceptor of
     * a {@code ServerBootstrap}.
     */
    public static @Nullable EventLoopGroup childGroup(ChannelHandler handler) {
        return CHILD_GROUP == null || !handler.getClass().getName().equals(ACCEPTOR)
                ? null
                : (EventLoopGroup) CHILD_GROUP.get(handler);
    }

    private static @Nullable VarHandle childGroup() {
        try {
            return field(Class.forName(ACCEPTOR), "childGroup", EventLoopGroup.class);
        } catch (ClassNotFoundException e) {
            logger.debug("No {}: going on without it", ACCEPTOR, e);
            return null;
        }
    }

    /** The handle of a field, for reading and writing; null if it cannot be reached. */
    public static @Nullable VarHandle field(Class<?> owner, String name, Class<?> type) {
        try {
            return lookup(owner).findVarHandle(owner, name, type);
        } catch (ReflectiveOperationException | SecurityException e) {
            unreachable(owner, name, e);
            return null;
        }
    }

    /**
     * {@code newChildChannel(int, byte[], int, int)} of a server channel, as {@code (Channel, int, byte[], int, int) ->
     * Channel}; null if it cannot be reached.
     */
    public static @Nullable MethodHandle newChildChannel(Class<? extends Channel> server) {
        MethodType type = MethodType.methodType(Channel.class, int.class, byte[].class, int.class, int.class);
        try {
            return lookup(server)
                    .findVirtual(server, "newChildChannel", type)
                    .asType(type.insertParameterTypes(0, Channel.class));
        } catch (ReflectiveOperationException | SecurityException e) {
            unreachable(server, "newChildChannel", e);
            return null;
        }
    }

    private static Lookup lookup(Class<?> owner) throws IllegalAccessException {
        return MethodHandles.privateLookupIn(owner, MethodHandles.lookup());
    }

    private static void unreachable(Class<?> owner, String member, Exception cause) {
        logger.debug("No access to {}.{}: going on without it", owner.getName(), member, cause);
    }
}
