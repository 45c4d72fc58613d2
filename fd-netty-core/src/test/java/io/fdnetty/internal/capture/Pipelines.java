package io.fdnetty.internal.capture;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DelimiterBasedFrameDecoder;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.LengthFieldPrepender;
import io.netty.handler.codec.LineBasedFrameDecoder;

/** Echo servers of several protocols. */
public final class Pipelines {
    private Pipelines() {}

    public static void raw(Channel child) {
        child.pipeline().addLast(new Echo());
    }

    /** These handlers, in a connection that closes when its client's output ends. */
    static void closing(Channel child, ChannelHandler... handlers) {
        child.pipeline().addLast(handlers).addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void userEventTriggered(ChannelHandlerContext ctx, Object evt) {
                if (evt instanceof ChannelInputShutdownEvent) {
                    ctx.close();
                }
            }

            @Override
            public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                ctx.close();
            }
        });
    }

    public static void frames(Channel child) {
        child.pipeline()
                .addLast(
                        new LengthFieldBasedFrameDecoder(16 << 20, 0, 4, 0, 4),
                        new LengthFieldPrepender(4),
                        new Echo());
    }

    public static void lines(Channel child) {
        child.pipeline().addLast(new LineBasedFrameDecoder(100, false, true), new Echo());
    }

    /** Messages end with two bars. */
    static void delimited(Channel child) {
        child.pipeline()
                .addLast(new DelimiterBasedFrameDecoder(100, false, Unpooled.copiedBuffer("||", UTF_8)), new Echo());
    }
}
