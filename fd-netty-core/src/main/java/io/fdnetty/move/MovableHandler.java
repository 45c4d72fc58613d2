package io.fdnetty.move;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;

/**
 * A handler that has a say in when its connection moves, and what of it moves along.
 *
 * <p>All methods are called on the channel's event loop. On the side that a connection leaves the order is
 * {@link #mayMove}, {@link #saveState} and, once another process owns the connection, {@code handlerRemoved} (cancel
 * timers there; {@code channelInactive} does not come); on the side where it arrives {@code handlerAdded},
 * {@link #restoreState}, {@link ConnectionRestored}, the first {@code channelRead}. A connection that stays after a
 * failed upgrade goes on with the same handlers, which notice nothing. Where the kind is
 * {@linkplain MoveOptions#restored() restored} no handler gets {@code channelActive}: the connection was active all
 * along.
 */
public interface MovableHandler extends ChannelHandler {

    /**
     * Whether the connection may move, as far as this handler knows.
     *
     * <p>It is asked before a move, again when the connection is stopped (nothing is read then), and for explanations,
     * of which nothing may come: the answer must change nothing that the peer could notice. What it takes to bring the
     * moment about goes into {@link MoveDecision#notNow(String, Runnable)}.
     *
     * @param retry to be run, on any thread and as often as you like, once the answer would be another one than "not
     *     now"
     */
    default MoveDecision mayMove(ChannelHandlerContext ctx, Runnable retry) {
        return MoveDecision.yes();
    }

    /**
     * Whether {@link #mayMove} takes account of messages that wait for an answer; then fd-netty does not count them
     * itself, from this handler on. A handler that overrides {@code mayMove} does, unless it says otherwise here.
     *
     * <p>Asked when the pipeline has been built.
     */
    default boolean knowsAnswers() {
        return Overrides.mayMove(getClass());
    }

    /**
     * Whether this handler knows the state of another one in its pipeline, and answers for it in {@link #mayMove}: at
     * the moments when it says yes, all that the other knows is given out when it is removed (unread bytes), or is
     * nothing.
     */
    default boolean vouchesFor(ChannelHandler other) {
        return false;
    }

    /**
     * Whether this handler, when its connection arrives, brings about what has changed in the pipeline since it was
     * built, by repeating a handshake, say. Otherwise a connection whose pipeline has changed stays, unless
     * {@link MoveOptions#rebuilt} says how to change the new one.
     */
    default boolean rebuildsPipeline() {
        return false;
    }

    /** Names the state within its pipeline; both versions of the program must use the same name. */
    default String stateName() {
        return getClass().getSimpleName();
    }

    /**
     * The version of the format that {@link #saveState} writes, at least 1; 0 if this handler keeps no state. A
     * connection with a handler that contradicts itself stays, with the reason: one that overrides {@link #saveState}
     * and leaves this at 0, or one that has a version in a kind that is not {@linkplain MoveOptions#restored()
     * restored}.
     */
    default int stateVersion() {
        return 0;
    }

    /** The oldest version of the format that {@link #restoreState} understands. */
    default int oldestStateVersion() {
        return stateVersion();
    }

    /**
     * Writes the state. It must leave this handler as it is: the connection may stay after all.
     *
     * <p>Called only for kinds that are {@linkplain MoveOptions#restored() restored}. If it throws, the connection
     * stays.
     *
     * @param out belongs to the caller
     */
    default void saveState(ChannelHandlerContext ctx, ByteBuf out) throws Exception {}

    /**
     * Takes over the state of this handler's predecessor. What it writes is held until the connection starts.
     *
     * <p>If it throws, the connection is rejected and goes back to the process that it came from. Until it starts it
     * may be taken back at any time: then {@code handlerRemoved} follows and nothing else.
     *
     * @param in belongs to the caller; retain what you keep
     */
    default void restoreState(ChannelHandlerContext ctx, int version, ByteBuf in) throws Exception {}

    /**
     * The drain deadline is near and the connection did not move: end it as its protocol demands.
     *
     * <p>A handler that does not override this leaves the end to those that do; if none does, the connection is closed.
     * Connections that the server opened itself are not asked: they are closed when the last client has gone.
     */
    default void farewell(ChannelHandlerContext ctx) {
        ctx.close();
    }
}
