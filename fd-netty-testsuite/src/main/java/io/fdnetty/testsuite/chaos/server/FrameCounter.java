package io.fdnetty.testsuite.chaos.server;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;

/** Counts the answers of the application. Event loop only. */
final class FrameCounter extends ChannelOutboundHandlerAdapter {
    private final ByteAccount account;
    private final PlantedBug plant;

    FrameCounter(ByteAccount account, PlantedBug plant) {
        this.account = account;
        this.plant = plant;
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object answer, ChannelPromise promise) {
        ByteBuf bytes = (ByteBuf) answer;
        if (bytes.isReadable() && plant.strikes(PlantedBug.DOUBLE)) {
            produce(ctx, bytes.retainedDuplicate(), ctx.voidPromise());
        }
        if (bytes.isReadable() && plant.strikes(PlantedBug.LOSE)) {
            bytes.release();
            promise.trySuccess();
            return;
        }
        produce(ctx, bytes, promise);
    }

    private void produce(ChannelHandlerContext ctx, ByteBuf bytes, ChannelPromise promise) {
        account.produce(bytes.readableBytes());
        ctx.write(bytes, promise);
    }
}
