package io.fdnetty.internal.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The open children of one server channel.
 *
 * <p>Added and handed on by the server channel's loop, removed by the loops of the children, read by any thread.
 */
final class AcceptedChannels {
    private final Set<Channel> open = ConcurrentHashMap.newKeySet();
    private final ChannelFutureListener remove = closed -> open.remove(closed.channel());

    /** A live view. */
    Collection<Channel> view() {
        return Collections.unmodifiableCollection(open);
    }

    void add(Channel child) {
        if (open.add(child)) {
            child.closeFuture().addListener(remove);
        }
    }

    /**
     * Called when the acceptor has returned: forgets a child that it has not given to a loop.
     *
     * <p>{@code closeForcibly}, with which acceptors refuse a child, does not complete the close future.
     */
    void handedOn(Channel child) {
        if (!child.isOpen() || EventLoops.of(child) == null) {
            open.remove(child);
        }
    }

    /** Completes when every child that was {@link #handedOn} so far is registered or closed. */
    CompletableFuture<Void> settled() {
        List<CompletableFuture<Void>> registrations = new ArrayList<>();
        for (Channel child : open) {
            EventLoop loop = child.isRegistered() ? null : EventLoops.of(child);
            if (loop != null) {
                registrations.add(
                        EventLoops.run(loop, () -> {})); // runs after the registration, which was posted before
            }
        }
        return EventLoops.all(registrations);
    }
}
