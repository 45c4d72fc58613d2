package io.fdnetty.examples.demo;

import io.fdnetty.examples.NativeTransport;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.util.concurrent.Future;
import java.net.ConnectException;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Opens short connections one after another, each for one frame and its echo, and counts what became of them.
 *
 * <p>Counts may be read on any thread.
 */
public final class ConnectProbes {
    private static final int INTERVAL_MILLIS = 20;
    private static final int PATIENCE_MILLIS = 10_000;

    private final EventLoop loop;
    private final Bootstrap bootstrap;
    private final AtomicLong answered = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong reset = new AtomicLong();
    private final AtomicLong unanswered = new AtomicLong();
    private final AtomicInteger open = new AtomicInteger();
    private volatile @Nullable Future<?> ticks;

    public ConnectProbes(EventLoop loop, SocketAddress server) {
        this.loop = loop;
        bootstrap = new Bootstrap()
                .group(loop)
                .channel(NativeTransport.clientChannel())
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, PATIENCE_MILLIS)
                .remoteAddress(server)
                .handler(new ProbeInitializer());
    }

    public void start() {
        ticks = loop.scheduleAtFixedRate(this::probe, 0, INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Opens no more; those that are open go on to their end. */
    public void stop() {
        Future<?> running = ticks;
        if (running != null) {
            running.cancel(false);
        }
    }

    private void probe() {
        open.incrementAndGet();
        bootstrap.connect().addListener(connected -> {
            if (!connected.isSuccess()) {
                settle(connected.cause() instanceof ConnectException ? refused : reset);
            }
        });
    }

    private void settle(AtomicLong outcome) {
        outcome.incrementAndGet();
        open.decrementAndGet();
    }

    public int open() {
        return open.get();
    }

    public long answered() {
        return answered.get();
    }

    public long refused() {
        return refused.get();
    }

    public long reset() {
        return reset.get();
    }

    /** Probes that had no answer in time. */
    public long unanswered() {
        return unanswered.get();
    }

    private final class ProbeInitializer extends ChannelInitializer<SocketChannel> {
        @Override
        protected void initChannel(SocketChannel channel) {
            channel.pipeline()
                    .addLast(
                            new LengthFieldBasedFrameDecoder(NumberedFrame.MAX_BYTES, 0, NumberedFrame.LENGTH_BYTES),
                            new Probe());
        }
    }

    /** One short connection; it settles exactly once. */
    private final class Probe extends SimpleChannelInboundHandler<ByteBuf> {
        private static final int CONNECTION = -1;
        private boolean settled;

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ByteBuf frame = ctx.alloc().buffer();
            NumberedFrame.write(CONNECTION, 0, frame);
            ctx.writeAndFlush(frame, ctx.voidPromise());
            Future<?> patience = loop.schedule(() -> end(ctx, unanswered), PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
            ctx.channel().closeFuture().addListener(closed -> patience.cancel(false));
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf frame) {
            end(ctx, NumberedFrame.isIntact(CONNECTION, frame) ? answered : reset);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            end(ctx, reset);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            end(ctx, reset);
        }

        private void end(ChannelHandlerContext ctx, AtomicLong outcome) {
            if (!settled) {
                settled = true;
                settle(outcome);
            }
            ctx.close();
        }
    }
}
