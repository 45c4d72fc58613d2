package io.fdnetty;

import io.fdnetty.internal.connection.ArrivingConnection;
import io.fdnetty.internal.connection.TrackedConnection;
import io.fdnetty.move.ConnectionRestored;
import io.netty.channel.Channel;

/** What an author may ask, and say, about the move of one connection. */
public final class Connections {
    private Connections() {}

    /**
     * Whether this channel's connection was not accepted here but is just arriving, for initializers that build another
     * pipeline then. Event loop only; meaningful while the pipeline is being built.
     */
    public static boolean isArriving(Channel channel) {
        return ArrivingConnection.in(channel) != null;
    }

    /**
     * Refuses a connection that is just arriving: it is one that this version's configuration would not have made, a
     * pooled one to a backend that is no longer named, say. The connection stays in the predecessor, which keeps it
     * with this reason until it ends or drains; connections that are linked to it stay, too. To be called by the
     * initializer; event loop only.
     *
     * <p>The other way is to take it and to close it in {@code channelActive} or on {@link ConnectionRestored}: then
     * its peer sees the end at once. Where all connections move together, a refused one calls the upgrade off.
     *
     * @throws IllegalStateException if the connection is not arriving
     */
    public static void refuseArrival(Channel channel, String reason) {
        ArrivingConnection arriving = ArrivingConnection.in(channel);
        if (arriving == null) {
            throw new IllegalStateException(channel + " is not arriving");
        }
        arriving.refuse(reason);
    }

    /**
     * Whether the connection of this channel lives on in another process: its channel here is closed, or about to be,
     * but the peer's connection is not. Ask it in {@code handlerRemoved}, {@code closeFuture()} listeners and wherever
     * a closed channel would end a session, send a will or publish an absence. Any thread.
     */
    public static boolean hasLeft(Channel channel) {
        TrackedConnection connection = TrackedConnection.of(channel);
        return connection != null && connection.hasLeft();
    }

    /**
     * Whether this connection is stopped, until all that moves with it has been taken out or the move is over. Handlers
     * that hold bytes back until it has moved go on doing so. Event loop only.
     */
    public static boolean isStopped(Channel channel) {
        TrackedConnection connection = TrackedConnection.of(channel);
        return connection != null && connection.leader().isStopped();
    }
}
