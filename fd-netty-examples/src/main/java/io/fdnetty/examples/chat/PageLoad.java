package io.fdnetty.examples.chat;

import io.fdnetty.move.MovableHandler;
import io.fdnetty.move.MoveDecision;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Keeps a connection that asks for the page in the process that it asked, where it ends with the answer. Otherwise one
 * client that never finishes its request could hold up the move of all others. Leaves when the connection becomes a
 * socket.
 */
final class PageLoad extends ChannelInboundHandlerAdapter implements MovableHandler {
    private boolean hasBegun;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        hasBegun = true;
        ctx.fireChannelRead(msg);
    }

    @Override
    public MoveDecision mayMove(ChannelHandlerContext ctx, Runnable retry) {
        return hasBegun ? MoveDecision.never("a page is being loaded") : MoveDecision.yes();
    }

    /** The answer ends the connection. */
    @Override
    public void farewell(ChannelHandlerContext ctx) {}
}
