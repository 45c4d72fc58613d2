package io.fdnetty.internal.capture;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.List;

/** Writes down what happens to a connection, and passes it on. */
class Diary extends ChannelInboundHandlerAdapter {
    private final List<String> entries;

    /** @param entries thread-safe */
    Diary(List<String> entries) {
        this.entries = entries;
    }

    final void write(String entry) {
        entries.add(entry);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        entries.add("added");
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        entries.add("active");
        ctx.fireChannelActive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        entries.add("read");
        ctx.fireChannelRead(msg);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object evt) {
        entries.add(evt.getClass().getSimpleName());
        ctx.fireUserEventTriggered(evt);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        entries.add("inactive");
        ctx.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        entries.add("removed");
    }
}
