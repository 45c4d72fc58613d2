package io.fdnetty.examples.proxy;

import io.fdnetty.LinkedConnections;
import io.netty.channel.Channel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A client's connection and the one to the backend that carries its bytes: they move as one unit. Event loop only. */
final class Pair {
    private Pair() {}

    /** From now on they move together; the backend's may still be connecting. */
    static void link(Channel front, Channel back) {
        LinkedConnections.link(front, back);
    }

    /** The other half; null for a connection that is no half of a pair. */
    static @Nullable Channel otherHalf(Channel half) {
        List<Channel> others = LinkedConnections.linkedTo(half);
        return others.isEmpty() ? null : others.get(0);
    }
}
