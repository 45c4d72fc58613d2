package io.fdnetty.internal.connection;

import io.fdnetty.internal.handler.BuiltPipeline;
import io.fdnetty.internal.handler.MovableHandlers;
import io.fdnetty.move.MovableHandler;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.util.AttributeKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The entry of one open connection in its registry. It costs an idle connection this object and a place in a set. */
public final class TrackedConnection implements ChannelFutureListener {
    private static final String LATE =
            "a handler can say \"not now\" while an answer is outstanding (MovableHandler.mayMove,"
                    + " MoveOptions.idleWhen); who keeps channels asks"
                    + " Connections.hasLeft";
    private static final AttributeKey<TrackedConnection> KEY = AttributeKey.valueOf(TrackedConnection.class, "of");

    private final long id;
    private final Channel channel;
    private final String listenerName;
    private final MovableInitializer initializer;
    /** The one under way; event loop only. */
    private @Nullable RunningMove capture;
    /** What its initializer built; event loop only. */
    private @Nullable BuiltPipeline built;
    /** Set when it had to wait for answers; event loop only. */
    private @Nullable IntakePauses pauses;

    private volatile @Nullable LinkGroup group;
    private volatile boolean left;

    TrackedConnection(long id, Channel channel, String listenerName, MovableInitializer initializer) {
        this.id = id;
        this.channel = channel;
        this.listenerName = listenerName;
        this.initializer = initializer;
        channel.attr(KEY).set(this);
    }

    /** The entry of this channel; null if its connection is of no kind that can move. */
    public static @Nullable TrackedConnection of(Channel channel) {
        return channel.attr(KEY).get();
    }

    /** Unique within its {@link LiveConnections}. */
    public long id() {
        return id;
    }

    /** What the author called this kind of connection. */
    public String kind() {
        return initializer.kind();
    }

    /** The channel, which must not be deregistered by anyone else. */
    public Channel channel() {
        return channel;
    }

    /** The loop on which everything about this connection happens. */
    public EventLoop eventLoop() {
        return channel.eventLoop();
    }

    public MovableInitializer initializer() {
        return initializer;
    }

    /** The listener that accepted it; empty if it is none of ours. */
    public String listenerName() {
        return listenerName;
    }

    /** Another process owns the connection from now on. */
    public void leave() {
        left = true;
    }

    /** Whether this process's copy is closed, or about to be, because another process owns the connection. */
    public boolean hasLeft() {
        return left;
    }

    /** Counts what was done to it after it had left. */
    public void late(String what, long number) {
        initializer.connections().late().count(kind(), what, number, LATE);
    }

    /** Those that move with it and itself, the leader first. */
    public List<TrackedConnection> group() {
        LinkGroup linked = group;
        return linked == null ? List.of(this) : linked.all();
    }

    /** Whether it moves with another one, its leader. */
    public boolean isMember() {
        return leader() != this;
    }

    /** Itself if it is linked to none. */
    public TrackedConnection leader() {
        LinkGroup linked = group;
        return linked == null ? this : linked.leader();
    }

    /** Takes another one into its group. */
    public void lead(TrackedConnection member) {
        if (member.isMember()) {
            if (member.leader() != this) {
                throw new IllegalStateException(member + " is linked to " + member.leader() + " already");
            }
            return;
        }
        LinkGroup own = group;
        if (own == null) {
            own = new LinkGroup(this);
        }
        own.add(member);
        group = own;
        member.joins(own);
    }

    private void joins(LinkGroup joined) {
        group = joined;
        initializer.connections().moves(this);
        if (capture != null) {
            capture.linked();
        }
    }

    /** A member that stands alone from now on. */
    public void leaveGroup() {
        LinkGroup left = group;
        if (left != null && isMember()) {
            left.remove(this);
            standAlone();
            left.leader().wakeCapture();
        }
    }

    private void standAlone() {
        group = null;
        letIn();
        initializer.connections().moves(this);
    }

    /** What a capture waits for may be gone. */
    public void wakeCapture() {
        if (capture != null) {
            capture.wake();
        }
    }

    /** Whether a move of it is under way, which may wait for its moment. */
    public boolean isMoving() {
        return capture != null;
    }

    /** From now on this move is told what happens to the connection. */
    public void moveBegins(RunningMove move) {
        capture = move;
    }

    /** Whether it is stopped, as a connection of its own. */
    public boolean isStopped() {
        return capture != null && capture.isStopped();
    }

    /** The move is over, and another one may begin. */
    public void moveEnded() {
        capture = null;
        group().forEach(TrackedConnection::letIn);
    }

    /** Its pipeline is as every new one of its kind. */
    void built(BuiltPipeline pipeline) {
        built = pipeline;
    }

    /** How its pipeline has changed, with the line to add; null if it has not. */
    @Nullable
    public String changed() {
        return built == null ? null : initializer.changed(built, channel.pipeline());
    }

    /** It waits for answers in order to move: from now on it pauses to take in more. */
    public void pauseIntake() {
        if (pauses == null) {
            pauses = new IntakePauses(this);
        }
        pauses.begin();
    }

    private void letIn() {
        if (pauses != null) {
            pauses.end();
        }
    }

    /**
     * Forgets a move that waits for its moment, or for the others that are stopped; whoever asked for it hears nothing
     * more.
     */
    public void forgetCapture() {
        channel.eventLoop().execute(this::forgetNow);
    }

    private void forgetNow() {
        if (capture != null) {
            capture.forget();
        }
    }

    /**
     * Ends the connection in the way of its protocol: {@link MovableHandler#farewell} of every handler that has one, or
     * else close. A move that waits for its moment is forgotten; a captured connection is left alone.
     *
     * <p>Does nothing to a connection that the server opened itself: that one may carry the answer to a client, and is
     * closed after the last client.
     */
    public void farewell() {
        channel.eventLoop().execute(this::farewellNow);
    }

    /**
     * A farewell is for clients. What the server opened serves them, and may carry the answer to one: it ends after the
     * last of them.
     */
    private void farewellNow() {
        if (initializer.isOutbound()) {
            return;
        }
        forgetNow();
        if (capture != null && capture.isUndecided()) {
            channel.eventLoop().execute(this::farewellNow);
        }
        if (capture == null && channel.isOpen()) {
            sayFarewell();
        }
    }

    /** Handlers without a farewell of their own leave it to those that have one. */
    private void sayFarewell() {
        List<ChannelHandlerContext> speakers = MovableHandlers.in(channel.pipeline()).stream()
                .filter(TrackedConnection::hasFarewell)
                .toList();
        if (speakers.isEmpty()) {
            channel.close();
        }
        for (ChannelHandlerContext context : speakers) {
            ((MovableHandler) context.handler()).farewell(context);
        }
    }

    private static boolean hasFarewell(ChannelHandlerContext context) {
        return MovableHandlers.overrides(context.handler().getClass(), "farewell", ChannelHandlerContext.class);
    }

    /** The channel is closed. */
    @Override
    public void operationComplete(ChannelFuture closed) {
        letIn();
        LinkGroup left = group;
        if (isMember()) {
            leaveGroup();
        } else if (left != null) {
            dissolve(left);
        }
        initializer.connections().remove(this);
        if (capture != null) {
            capture.channelClosed();
        }
    }

    private void dissolve(LinkGroup left) {
        group = null;
        left.dissolve().forEach(TrackedConnection::standAlone);
    }

    @Override
    public String toString() {
        return kind() + " connection " + id + ' ' + channel;
    }
}
