package io.fdnetty.migration;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelInitializer;

/** Puts the author's handler into the pipeline of an accepted connection and makes the connection known. */
@Sharable
final class MovableInitializer extends ChannelInitializer<Channel> {
    private final LiveConnections connections;
    private final String kind;
    private final ChannelHandler childHandler;
    private final MoveOptions options;

    MovableInitializer(LiveConnections connections, String kind, ChannelHandler childHandler, MoveOptions options) {
        this.connections = connections;
        this.kind = kind;
        this.childHandler = childHandler;
        this.options = options;
    }

    String kind() {
        return kind;
    }

    MoveOptions options() {
        return options;
    }

    LiveConnections connections() {
        return connections;
    }

    @Override
    protected void initChannel(Channel child) {
        Arriving arriving = Arriving.in(child);
        String listenerName = arriving != null ? arriving.listenerName() : connections.listenerNameOf(child);
        TrackedConnection connection = new TrackedConnection(connections.nextId(), child, listenerName, this);
        if (arriving != null) {
            arriving.initialized(connection);
        } else {
            connections.add(connection);
        }
        addHandlers(child);
    }

    /** Builds the pipeline of a connection that comes back; on its event loop, with the channel registered. */
    void initializeAgain(Channel child) {
        addHandlers(child);
    }

    private void addHandlers(Channel child) {
        options.addFront(child.pipeline());
        child.pipeline().addLast(childHandler);
    }
}
