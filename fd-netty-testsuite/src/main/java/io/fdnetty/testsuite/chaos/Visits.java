package io.fdnetty.testsuite.chaos;

import io.fdnetty.examples.NativeTransport;
import io.fdnetty.examples.demo.NumberedFrame;
import io.fdnetty.examples.demo.StreamLedger;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;

/**
 * Short connections: each sends some frames, then ends its output and wants every echo before the server's end, or
 * resets.
 *
 * <p>Thread-safe; connections live on one event loop.
 */
final class Visits {
    private static final int FRAMES = 4;
    private static final int PATIENCE_SECONDS = 60;

    private final EventLoop loop;
    private final IntConsumer satisfied;
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger made = new AtomicInteger();
    private final AtomicLong answered = new AtomicLong();
    private final List<Failure> failures = new ArrayList<>();

    /**
     * A visit that did not get what it wanted.
     *
     * @param port of its end; 0 if it never had a connection
     * @param beganNanos when it began to connect, by {@link System#nanoTime}
     */
    record Failure(int port, long beganNanos, String reason, boolean mixedUp) {}

    /** @param satisfied hears the port of each visit that got what it wanted, on the event loop */
    Visits(EventLoop loop, IntConsumer satisfied) {
        this.loop = loop;
        this.satisfied = satisfied;
    }

    /** Makes some at once, every third of them of the kind that resets. */
    void make(SocketAddress server, int count) {
        for (int i = 0; i < count; i++) {
            open.incrementAndGet();
            Visit visit = new Visit(made.incrementAndGet());
            new Bootstrap()
                    .group(loop)
                    .channel(NativeTransport.clientChannel())
                    .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, PATIENCE_SECONDS * 1_000)
                    .option(ChannelOption.SO_LINGER, visit.resets ? 0 : -1)
                    .handler(new ChannelInitializer<SocketChannel>() {
                        @Override
                        protected void initChannel(SocketChannel channel) {
                            channel.pipeline()
                                    .addLast(
                                            new LengthFieldBasedFrameDecoder(
                                                    NumberedFrame.MAX_BYTES, 0, NumberedFrame.LENGTH_BYTES),
                                            visit);
                        }
                    })
                    .connect(server)
                    .addListener(connected -> {
                        if (!connected.isSuccess()) {
                            visit.fail(String.valueOf(connected.cause().getMessage()));
                        }
                    });
        }
    }

    int open() {
        return open.get();
    }

    long answered() {
        return answered.get();
    }

    synchronized List<Failure> takeFailures() {
        List<Failure> taken = List.copyOf(failures);
        failures.clear();
        return taken;
    }

    private synchronized void failed(Failure failure) {
        failures.add(failure);
    }

    private final class Visit extends SimpleChannelInboundHandler<ByteBuf> {
        private final int connection;
        private final boolean resets;
        private final StreamLedger ledger;
        private final long beganNanos = System.nanoTime();
        private int port;
        private boolean settled;

        Visit(int number) {
            connection = -number;
            resets = number % 3 == 0;
            ledger = new StreamLedger(connection);
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            port = ((InetSocketAddress) ctx.channel().localAddress()).getPort();
            ByteBuf bytes = ctx.alloc().buffer();
            for (int i = 0; i < FRAMES; i++) {
                NumberedFrame.write(connection, ledger.send(0), bytes);
            }
            ctx.writeAndFlush(bytes).addListener(written -> {
                if (!resets) {
                    ((SocketChannel) ctx.channel()).shutdownOutput();
                }
            });
            Channel channel = ctx.channel();
            loop.schedule(() -> giveUp(channel), PATIENCE_SECONDS, TimeUnit.SECONDS);
        }

        private void giveUp(Channel channel) {
            if (!settled) {
                fail("no end in " + PATIENCE_SECONDS + " s");
                channel.close();
            }
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf frame) {
            if (NumberedFrame.isIntact(connection, frame)) {
                ledger.receive(NumberedFrame.sequence(frame), 0);
            } else {
                ledger.receiveCorrupt();
            }
            if (resets) {
                settle();
                ctx.close();
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            if (ledger.received() == FRAMES && !isMixedUp()) {
                settle();
            } else {
                fail("it ended after " + ledger.received() + " of " + FRAMES + " frames");
            }
        }

        private boolean isMixedUp() {
            return !ledger.isClean();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            fail(String.valueOf(cause.getMessage()));
            ctx.close();
        }

        private void settle() {
            if (!settled) {
                settled = true;
                answered.incrementAndGet();
                satisfied.accept(port);
                open.decrementAndGet();
            }
        }

        private void fail(String reason) {
            if (!settled) {
                settled = true;
                failed(new Failure(port, beganNanos, reason, isMixedUp()));
                open.decrementAndGet();
            }
        }
    }
}
