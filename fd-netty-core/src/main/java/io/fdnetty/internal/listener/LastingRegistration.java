package io.fdnetty.internal.listener;

import io.fdnetty.internal.netty.NettyInternals;
import io.netty.channel.Channel;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.AbstractEpollStreamChannel;
import io.netty.channel.epoll.EpollIoOps;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The registration of a connection with its event loop that outlasts the moment when the connection asks for no event.
 *
 * <p>That moment comes when the peer has ended its output and nothing waits to be written. Netty 4.2.18 removes the
 * descriptor from the epoll set then, but remembers it as added ({@code EpollIoHandler}): the next interest is an
 * EPOLL_CTL_MOD that fails with ENOENT. If it is that of a write that found the socket full, Netty shuts the output
 * down, and the peer gets a part of its answer with an orderly end.
 *
 * <p>This registration asks for EPOLLET alone instead of nothing. The kernel reports errors and hang-ups to it as it
 * does to all, but each only once, so that the event loop does not spin. Event loop only; nothing of it is called while
 * bytes are read or written without a change of interest.
 */
final class LastingRegistration implements IoRegistration {
    private static final @Nullable VarHandle REGISTRATION = NettyInternals.field(
            AbstractEpollStreamChannel.class.getSuperclass(), "registration", IoRegistration.class);

    private final IoRegistration epoll;

    private LastingRegistration(IoRegistration epoll) {
        this.epoll = epoll;
    }

    /**
     * Makes the registration of a channel a lasting one; to be called once after each registration, before the event
     * loop has handled an event of the channel.
     *
     * @return false if the channel needs one and Netty's internals cannot be reached
     */
    static boolean install(Channel channel) {
        if (!(channel instanceof AbstractEpollStreamChannel epoll)) {
            return true; // kqueue keeps no such memory
        }
        if (REGISTRATION == null) {
            return false;
        }
        IoRegistration current = (IoRegistration) REGISTRATION.get(epoll);
        if (current != null && !(current instanceof LastingRegistration)) {
            REGISTRATION.set(epoll, new LastingRegistration(current));
        }
        return true;
    }

    @Override
    public long submit(IoOps ops) {
        return epoll.submit(EpollIoOps.NONE.equals(ops) ? EpollIoOps.EPOLLET : ops);
    }

    @Override
    @SuppressWarnings("TypeParameterUnusedInFormals") // it is Netty's
    public <T> T attachment() {
        return epoll.attachment();
    }

    @Override
    public boolean isValid() {
        return epoll.isValid();
    }

    @Override
    public boolean cancel() {
        return epoll.cancel();
    }
}
