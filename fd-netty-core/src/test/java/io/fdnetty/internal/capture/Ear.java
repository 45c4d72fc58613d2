package io.fdnetty.internal.capture;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.List;

/** Keeps what it hears. */
final class Ear extends ChannelInboundHandlerAdapter {
    private final List<byte[]> heard;

    Ear(List<byte[]> heard) {
        this.heard = heard;
    }

    static String textOf(List<byte[]> heard) {
        StringBuilder text = new StringBuilder();
        synchronized (heard) {
            heard.forEach(bytes -> text.append(new String(bytes, UTF_8)));
        }
        return text.toString();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        ByteBuf bytes = (ByteBuf) msg;
        synchronized (heard) {
            heard.add(ByteBufUtil.getBytes(bytes));
        }
        bytes.release();
    }
}
