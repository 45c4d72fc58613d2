package io.fdnetty.internal.connection;

import io.fdnetty.internal.gate.OwnHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import java.util.function.Consumer;

/**
 * Stands in front of the handlers of a connection until they have taken note of its start, on which some change the
 * pipeline (a filter of addresses removes itself), here as in a new process. Event loop only.
 */
public final class StartWatch extends ChannelInboundHandlerAdapter implements OwnHandler {
    private final boolean restored;
    private final Consumer<ChannelPipeline> started;

    private StartWatch(boolean restored, Consumer<ChannelPipeline> started) {
        this.restored = restored;
        this.started = started;
    }

    /**
     * @param restored whether connections of this kind get no {@code channelActive} in a new process
     * @param gated whether the first handler is a gate, behind which the events come later
     * @param started is given the pipeline once, as the handlers have left it
     */
    static void addTo(ChannelPipeline pipeline, boolean restored, boolean gated, Consumer<ChannelPipeline> started) {
        StartWatch watch = new StartWatch(restored, started);
        if (gated) {
            pipeline.addAfter(pipeline.firstContext().name(), null, watch);
        } else {
            pipeline.addFirst(watch);
        }
    }

    @Override
    public void channelRegistered(ChannelHandlerContext ctx) {
        ctx.fireChannelRegistered();
        if (restored) {
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
            started.accept(ctx.pipeline());
        }
    }
}
