package io.fdnetty.internal.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Makes sure that a connection whose peer has ended its output gets all of its answer or a reset: with a
 * {@link LastingRegistration}, or with a {@link CutOutputReset} where that is impossible.
 *
 * <p>Acts when its channel is registered, before the handlers that were added after it are, and leaves the pipeline.
 */
@Sharable
public final class HalfClosure extends ChannelInboundHandlerAdapter {
    private static final HalfClosure INSTANCE = new HalfClosure();

    private HalfClosure() {}

    /** To be called before the channel is registered, or in the initializer of its pipeline. */
    public static void prepare(Channel channel) {
        channel.pipeline().addLast(INSTANCE);
    }

    /**
     * To be called once a channel that was deregistered is registered again, on its event loop and in the same task,
     * unless it was {@linkplain #prepare prepared} before.
     */
    public static void registeredAgain(Channel channel) {
        LastingRegistration.install(channel);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        if (ctx.channel().isRegistered()) {
            act(ctx);
        }
    }

    /** A channel that is registered again has its handlers added before. */
    @Override
    public void channelRegistered(ChannelHandlerContext ctx) {
        act(ctx);
        ctx.fireChannelRegistered();
    }

    private void act(ChannelHandlerContext ctx) {
        if (LastingRegistration.install(ctx.channel())) {
            ctx.pipeline().remove(this);
        } else {
            ctx.pipeline().replace(this, null, new CutOutputReset());
        }
    }
}
