package io.fdnetty.examples.proxy;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * The beginning of a client's connection in tcp mode: finds or opens its other half, then makes way for a
 * {@link Relay}.
 */
final class TcpFront extends ChannelInboundHandlerAdapter {
    private final Backend backend;
    private final Complaints complaints;
    private final Queue<Object> early = new ArrayDeque<>(0);
    private boolean hasEnded;
    private @Nullable Channel connecting;

    TcpFront(Backend backend, Complaints complaints) {
        this.backend = backend;
        this.complaints = complaints;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        Channel back = Pair.otherHalf(ctx.channel());
        if (back == null) {
            connect(ctx);
        } else {
            relay(ctx, back);
        }
        ctx.fireChannelActive();
    }

    private void connect(ChannelHandlerContext ctx) {
        ChannelFuture connection = backend.connect(ctx.channel().eventLoop());
        Channel back = connection.channel();
        connecting = back;
        Pair.link(ctx.channel(), back);
        connection.addListener(connected -> {
            if (connected.isSuccess()) {
                relay(ctx, back);
            } else {
                failed(ctx, connected.cause());
            }
        });
    }

    private void relay(ChannelHandlerContext ctx, Channel back) {
        connecting = null;
        if (ctx.isRemoved()) {
            return;
        }
        ctx.pipeline().addLast(new Relay(back));
        boolean waited = !early.isEmpty();
        for (Object bytes = early.poll(); bytes != null; bytes = early.poll()) {
            ctx.fireChannelRead(bytes);
        }
        if (waited) {
            ctx.fireChannelReadComplete();
        }
        if (hasEnded) {
            ctx.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        }
        ctx.pipeline().remove(this);
    }

    /** Nobody asked for bytes, but what a client sends before it ends its output comes with that end. */
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object bytes) {
        early.add(bytes);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        hasEnded |= event instanceof ChannelInputShutdownEvent;
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        early.forEach(ReferenceCountUtil::release);
        early.clear();
    }

    private void failed(ChannelHandlerContext ctx, Throwable cause) {
        connecting = null;
        if (ctx.channel().isActive()) {
            complaints.about(backend.failure(cause));
            ctx.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (connecting != null) {
            connecting.close();
        }
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
