package io.fdnetty.migration;

import static java.util.Objects.requireNonNull;

import io.fdnetty.adoption.HalfClosure;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import org.jspecify.annotations.Nullable;

/** Puts the author's handler into the pipeline of a connection and makes the connection known. */
@Sharable
final class MovableInitializer extends ChannelInitializer<Channel> {
    private final LiveConnections connections;
    private final String kind;
    private final ChannelHandler childHandler;
    private final MoveOptions options;
    private final @Nullable EventLoopGroup outboundGroup;
    private final FreshHandlers fresh;
    private final AnswerHabits habits = new AnswerHabits();

    /** @param outboundGroup where connections of a kind that the server opens itself arrive; null for accepted ones */
    MovableInitializer(
            LiveConnections connections,
            String kind,
            ChannelHandler childHandler,
            MoveOptions options,
            @Nullable EventLoopGroup outboundGroup) {
        this.connections = connections;
        this.kind = kind;
        this.childHandler = childHandler;
        this.options = options;
        this.outboundGroup = outboundGroup;
        this.fresh = new FreshHandlers(!options.isRestored());
    }

    /** Whether the server opens connections of this kind itself. */
    boolean isOutbound() {
        return outboundGroup != null;
    }

    /** Where connections of an outbound kind arrive; null if the kind is accepted. */
    @Nullable
    EventLoopGroup outboundGroup() {
        return outboundGroup;
    }

    /** Where a connection of an outbound kind arrives that is linked to none. */
    EventLoop nextLoop() {
        return requireNonNull(outboundGroup, "not outbound").next();
    }

    String kind() {
        return kind;
    }

    MoveOptions options() {
        return options;
    }

    /** How its handlers look when they are new. */
    FreshHandlers fresh() {
        return fresh;
    }

    LiveConnections connections() {
        return connections;
    }

    @Override
    protected void initChannel(Channel child) {
        if (isOutbound()) {
            HalfClosure.prepare(child);
        }
        ArrivingPart arriving = ArrivingPart.in(child);
        if (arriving != null && arriving.isOver()) {
            return;
        }
        String listenerName = arriving != null ? arriving.listenerName() : listenerNameOf(child);
        TrackedConnection connection = new TrackedConnection(connections.nextId(), child, listenerName, this);
        if (arriving != null) {
            arriving.initialized(connection);
        } else {
            connections.add(connection);
        }
        fresh.before(childHandler);
        addHandlers(child);
        if (arriving != null) {
            arriving.gateFirst();
        }
        guard(child.pipeline());
        fresh.built(child, arriving != null);
    }

    private String listenerNameOf(Channel child) {
        return isOutbound() ? "" : connections.listenerNameOf(child);
    }

    private void addHandlers(Channel child) {
        ChannelPipeline pipeline = child.pipeline();
        options.addFront(pipeline);
        pipeline.addLast(childHandler);
    }

    /** Counts answers in this pipeline, if they are to be counted, from here on. */
    private void guard(ChannelPipeline pipeline) {
        ChannelHandlerContext unknown = GuardPlace.in(pipeline, options);
        if (unknown != null) {
            pipeline.addBefore(unknown.name(), AnswerGuard.NAME, new AnswerGuard(habits));
        }
    }
}
