package io.fdnetty.examples.proxy;

import static java.util.Objects.requireNonNull;

import io.fdnetty.move.MovableHandler;
import io.fdnetty.move.MoveDecision;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObject;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A connection to the backend: serves one exchange, or is idle in the pool. Event loop only.
 *
 * <p>It may move while it is idle.
 */
final class BackHandler extends ChannelInboundHandlerAdapter implements MovableHandler, LoopTimer.Watched {
    private final LoopState loop;
    private final Duration maxIdle;
    private Duration idleLimit;
    private @Nullable ChannelHandlerContext context;
    private @Nullable Exchange exchange;
    private @Nullable Runnable moveNow;
    private boolean pooled;
    private long restSince;

    BackHandler(LoopState loop, ProxySettings.Times times) {
        this.loop = loop;
        this.maxIdle = times.idleBackend();
        this.idleLimit = maxIdle;
    }

    /** An exchange begins to use this connection, which is not idle any more. */
    void serve(Exchange next) {
        pooled = false;
        exchange = next;
    }

    /** The exchange is over, and the connection can be used for another one. */
    void rest() {
        exchange = null;
        channel().config().setAutoRead(true);
        restSince = System.nanoTime();
        pooled = channel().isActive() && loop.pool().offer(this);
        if (!pooled) {
            channel().close();
        } else {
            tellMover();
        }
    }

    /** The exchange is over, or was broken off; the connection is of no further use. */
    void end() {
        exchange = null;
        if (context != null) {
            context.close();
        }
    }

    /** Both sides have agreed to speak something else: raw bytes can be written from now on. */
    void prepareForRawBytes() {
        ChannelHandlerContext codec = channel().pipeline().context(HttpClientCodec.class);
        ((HttpClientCodec) codec.handler()).prepareUpgradeFrom(codec);
    }

    /** Makes way for another handler, which gets the bytes that have been read and not decoded. */
    void makeWay(ChannelHandler next) {
        exchange = null;
        ChannelPipeline pipeline = channel().pipeline();
        pipeline.addLast(next);
        pipeline.remove(this);
        pipeline.remove(HttpClientCodec.class);
        pipeline.channel().flush();
        tellMover();
    }

    /** What was no moment to move has become one. */
    private void tellMover() {
        if (moveNow != null) {
            moveNow.run();
            moveNow = null;
        }
    }

    /** How long the backend keeps the connection once it is idle, by its own words. */
    void idleLimit(Duration limit) {
        idleLimit = limit;
    }

    Duration maxIdle() {
        return maxIdle;
    }

    Channel channel() {
        return requireNonNull(context).channel();
    }

    void write(HttpObject part) {
        requireNonNull(context).write(part);
    }

    void flush() {
        requireNonNull(context).flush();
    }

    boolean isWritable() {
        return context != null && channel().isWritable();
    }

    void read(boolean wanted) {
        channel().config().setAutoRead(wanted);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        loop.timer().add(this);
    }

    /** Also when the connection moves. */
    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        loop.timer().remove(this);
        loop.pool().remove(this);
        pooled = false;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (exchange != null && message instanceof HttpObject part) {
            exchange.fromBackend(part);
        } else {
            ReferenceCountUtil.release(message); // an answer to no question: whose would the next one be?
            loop.pool().remove(this);
            ctx.close();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (exchange != null) {
            exchange.backendReadComplete();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (exchange != null) {
            exchange.backendWritabilityChanged();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        broken("it closed the connection");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        broken(String.valueOf(cause.getMessage()));
        ctx.close();
    }

    private void broken(String reason) {
        loop.pool().remove(this);
        pooled = false;
        Exchange broken = exchange;
        exchange = null;
        if (broken != null) {
            broken.backendGone(reason);
        }
    }

    @Override
    public void check(long nowNanos) {
        if (pooled && nowNanos - restSince >= idleLimit.toNanos()) {
            loop.pool().remove(this);
            pooled = false;
            channel().close();
        }
    }

    @Override
    public MoveDecision mayMove(ChannelHandlerContext ctx, Runnable retry) {
        moveNow = pooled ? null : retry;
        return pooled ? MoveDecision.yes() : MoveDecision.notNow("an exchange is in progress");
    }

    /** An idle connection's codec knows nothing. */
    @Override
    public boolean vouchesFor(ChannelHandler other) {
        return other instanceof HttpClientCodec;
    }
}
