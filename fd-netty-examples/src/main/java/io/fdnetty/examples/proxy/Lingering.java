package io.fdnetty.examples.proxy;

import io.fdnetty.move.MovableHandler;
import io.fdnetty.move.MoveDecision;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.TimeUnit;

/**
 * The end of a connection whose client may still be sending: its last answer is followed by the end of the output, what
 * it sends is dropped, and the connection is closed when the client has seen the end, or shortly after. Closed at once,
 * the unread bytes would turn into a reset, and that may overtake the answer. RFC 9112, 9.6.
 */
final class Lingering extends ChannelInboundHandlerAdapter implements MovableHandler {
    private static final long LIMIT_MILLIS = 1_000;

    private Lingering() {}

    /** Begins when everything has been written that the client is to get. */
    static void close(Channel channel) {
        if (channel.isActive()) {
            DuplexChannel client = (DuplexChannel) channel;
            boolean silent = client.isInputShutdown();
            client.pipeline().addFirst(new Lingering());
            client.config().setAutoRead(!silent);
            client.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> {
                if (silent) {
                    client.close();
                } else {
                    client.shutdownOutput();
                }
            });
            channel.eventLoop().schedule(() -> channel.close(), LIMIT_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public MoveDecision mayMove(ChannelHandlerContext ctx, Runnable retry) {
        return MoveDecision.never("its last answer is out");
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ReferenceCountUtil.release(message);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            ctx.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
