package io.fdnetty;

import io.fdnetty.internal.connection.LiveConnections;
import io.fdnetty.internal.connection.TrackedConnection;
import io.fdnetty.move.ConnectionRestored;
import io.netty.channel.Channel;
import java.util.List;

/**
 * Links connections of one server to a group, a proxy's front and back, say: they are stopped, moved and started as one
 * unit, or none of them is. Called on the event loop that they share; a link costs no handler.
 *
 * <p>The group's leader was accepted, its members were opened by the server itself ({@link LiveConnections#outbound}).
 * A member that closes leaves its group; a leader that closes dissolves it.
 *
 * <p>Where a group arrives, its links exist before the first of its handlers gets {@code channelActive} or
 * {@link ConnectionRestored}: a proxy's front handler connects there only if {@link #linkedTo} is empty.
 */
public final class LinkedConnections {
    private LinkedConnections() {}

    /**
     * From now on these two, and whatever else the leader is linked to, are one unit. Does nothing if one of them is
     * closed, or if they are linked already.
     *
     * <p>The member may still be connecting: the group does not move before it is connected. The place for this call is
     * right after {@code bootstrap.connect()}, with the leader's event loop as the group of the bootstrap.
     *
     * @param leader a connection of a {@linkplain LiveConnections#movable movable} kind
     * @param member a connection of an {@linkplain LiveConnections#outbound outbound} kind
     * @throws IllegalArgumentException if one of them is of another kind
     * @throws IllegalStateException if they do not share an event loop, if this is another thread, or if the member is
     *     linked to another leader
     */
    public static void link(Channel leader, Channel member) {
        if (!leader.isOpen() || !member.isOpen()) {
            return;
        }
        TrackedConnection front = TrackedConnection.of(leader);
        TrackedConnection back = TrackedConnection.of(member);
        if (front == null || front.initializer().isOutbound()) {
            throw new IllegalArgumentException(leader + " cannot lead: it is no accepted connection of a movable kind");
        }
        if (back == null || !back.initializer().isOutbound()) {
            throw new IllegalArgumentException(member + " cannot be linked: it is no connection of an outbound kind;"
                    + " give its Bootstrap what outbound() returns as handler");
        }
        if (front.initializer().connections() != back.initializer().connections()) {
            throw new IllegalArgumentException(leader + " and " + member + " belong to two servers");
        }
        checkLoops(leader, member);
        front.lead(back);
    }

    private static void checkLoops(Channel leader, Channel member) {
        if (!leader.eventLoop().equals(member.eventLoop())) {
            throw new IllegalStateException(leader + " and " + member
                    + " run on two event loops: give the Bootstrap the event loop of the leader as its group");
        }
        checkThread(leader);
    }

    private static void checkThread(Channel channel) {
        if (!channel.eventLoop().inEventLoop()) {
            throw new IllegalStateException("links are made and undone on the event loop of " + channel);
        }
    }

    /**
     * From now on the member is a connection of its own; does nothing if it is none.
     *
     * @throws IllegalStateException if this is not the member's event loop
     */
    public static void unlink(Channel member) {
        TrackedConnection back = TrackedConnection.of(member);
        if (back != null && back.isMember()) {
            checkThread(member);
            back.leaveGroup();
        }
    }

    /** The others of its group, the leader first and then in the order of linking; empty if it is linked to none. */
    public static List<Channel> linkedTo(Channel any) {
        TrackedConnection connection = TrackedConnection.of(any);
        return connection == null ? List.of() : others(connection);
    }

    private static List<Channel> others(TrackedConnection connection) {
        return connection.group().stream()
                .filter(each -> each != connection)
                .map(TrackedConnection::channel)
                .toList();
    }
}
