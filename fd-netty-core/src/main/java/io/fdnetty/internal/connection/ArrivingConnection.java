package io.fdnetty.internal.connection;

import io.fdnetty.internal.gate.Gate;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import org.jspecify.annotations.Nullable;

/** A connection that is arriving, as far as those must know it who bring up its pipeline. Event loop only. */
public interface ArrivingConnection extends Gate.Owner {
    /** The arrival that this channel is part of; null if it is none, or has started. */
    static @Nullable ArrivingConnection in(Channel channel) {
        ChannelHandler first = channel.pipeline().first();
        return first instanceof Gate gate && gate.owner() instanceof ArrivingConnection arriving ? arriving : null;
    }

    /** Whether nobody waits for it any more. */
    boolean isOver();

    /** The listener that accepted it; empty if the server opened it. */
    String listenerName();

    /** The author's handlers are about to be added. */
    void initialized(TrackedConnection made);

    /** Puts the gate in front again, if the initializer has put handlers before it. */
    void gateFirst();

    /** Records that the author does not take it, and why. */
    void refuse(String reason);
}
