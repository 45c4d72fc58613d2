package io.fdnetty.internal.netty;

import io.netty.channel.Channel;
import io.netty.channel.epoll.AbstractEpollStreamChannel;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Registers a channel with its event loop without the kernel telling the loop anything about it.
 *
 * <p>An epoll channel that is active asks for EPOLLRDHUP when it is registered, and on that event it reads, whatever
 * autoRead says: bytes that may still belong to another process. A channel that is not active while it is registered
 * asks for nothing. Works on epoll, where Netty's internals can be reached; elsewhere {@link #silence} says no.
 */
public final class SilentRegistration {
    private static final Class<?> EPOLL_CHANNEL = AbstractEpollStreamChannel.class.getSuperclass();
    private static final @Nullable VarHandle ACTIVE = ChannelInternals.field(EPOLL_CHANNEL, "active", boolean.class);
    private static final @Nullable MethodHandle SUBMIT = submit();

    private SilentRegistration() {}

    /** To be called before the channel is registered; false if it cannot be kept quiet. */
    public static boolean silence(Channel channel) {
        if (ACTIVE == null || SUBMIT == null || !(channel instanceof AbstractEpollStreamChannel epoll)) {
            return false;
        }
        ACTIVE.setVolatile(epoll, false);
        return true;
    }

    /** The silenced channel is registered, and active again. */
    public static void wake(Channel channel) {
        if (ACTIVE != null && channel instanceof AbstractEpollStreamChannel epoll && channel.isOpen()) {
            ACTIVE.setVolatile(epoll, true);
        }
    }

    /** From now on the loop hears of the silenced channel. On its event loop. */
    public static void listen(Channel channel) {
        if (SUBMIT == null || !(channel instanceof AbstractEpollStreamChannel epoll) || !channel.isActive()) {
            return;
        }
        try {
            SUBMIT.invoke(epoll);
        } catch (Throwable e) {
            channel.pipeline().fireExceptionCaught(e);
            channel.close();
        }
    }

    private static @Nullable MethodHandle submit() {
        try {
            return MethodHandles.privateLookupIn(EPOLL_CHANNEL, MethodHandles.lookup())
                    .findVirtual(EPOLL_CHANNEL, "submitCurrentOps", MethodType.methodType(void.class));
        } catch (ReflectiveOperationException | SecurityException e) {
            return null;
        }
    }
}
