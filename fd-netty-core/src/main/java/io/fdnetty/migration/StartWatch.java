package io.fdnetty.migration;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;

/**
 * Stands in front of the handlers of a connection until they have taken note of its start, on which some change the pipeline
 * (a filter of addresses removes itself), here as in a new process. Event loop only.
 */
final class StartWatch extends ChannelInboundHandlerAdapter {
    private final MovableInitializer kind;

    private StartWatch(MovableInitializer kind) {
        this.kind = kind;
    }

    /** @param gated whether the first handler is a gate, behind which the events come later */
    static void addTo(ChannelPipeline pipeline, MovableInitializer kind, boolean gated) {
        if (gated) {
            pipeline.addAfter(pipeline.firstContext().name(), null, new StartWatch(kind));
        } else {
            pipeline.addFirst(new StartWatch(kind));
        }
    }

    @Override
    public void channelRegistered(ChannelHandlerContext ctx) {
        ctx.fireChannelRegistered();
        if (kind.options().isRestored()) { // there is no channelActive in a new process
            leave(ctx);
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ctx.fireChannelActive();
        leave(ctx);
    }

    private void leave(ChannelHandlerContext ctx) {
        if (!ctx.isRemoved()) {
            ctx.pipeline().remove(this);
            kind.started(ctx.pipeline());
        }
    }
}
