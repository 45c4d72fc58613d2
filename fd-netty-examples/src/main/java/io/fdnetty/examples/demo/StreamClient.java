package io.fdnetty.examples.demo;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * One client: sends numbered frames when it is told to, never waits for an answer, and checks what comes back.
 *
 * <p>Lives on the event loop of its connection; every method belongs there.
 */
public final class StreamClient extends SimpleChannelInboundHandler<ByteBuf> {
    /** Beyond this the server has stood still for seconds: sending on would only fill the memory of this process. */
    private static final long MAX_PENDING_BYTES = 4 << 20;

    private final int connection;
    private final StreamLedger ledger;
    private final long beganNanos = System.nanoTime();
    private @Nullable ChannelHandlerContext context;
    private @Nullable String broken;
    private boolean ending;
    private long heldBack;
    private int localPort;

    StreamClient(int connection) {
        this.connection = connection;
        ledger = new StreamLedger(connection);
    }

    void addTo(ChannelPipeline pipeline) {
        pipeline.addLast(
                new LengthFieldBasedFrameDecoder(NumberedFrame.MAX_BYTES, 0, NumberedFrame.LENGTH_BYTES), this);
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        context = ctx;
        localPort = ((InetSocketAddress) ctx.channel().localAddress()).getPort();
    }

    /** Sends some frames together. */
    void send(int frames, long now) {
        ChannelHandlerContext ctx = context;
        if (ctx == null || broken != null || ending) {
            return;
        }
        if (ctx.channel().bytesBeforeWritable() > MAX_PENDING_BYTES) {
            heldBack += frames;
            return;
        }
        ByteBuf bytes = ctx.alloc().buffer();
        for (int i = 0; i < frames; i++) {
            NumberedFrame.write(connection, ledger.send(now), bytes);
        }
        ctx.writeAndFlush(bytes, ctx.voidPromise());
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf frame) {
        if (NumberedFrame.isIntact(connection, frame)) {
            ledger.receive(NumberedFrame.sequence(frame), System.nanoTime());
        } else {
            ledger.receiveCorrupt();
        }
    }

    /** The last frame has come back: close without being told that the server did. */
    void end() {
        ending = true;
        if (context != null) {
            context.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        fail("the server closed the connection");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail(String.valueOf(cause.getMessage()));
        ctx.close();
    }

    private void fail(String reason) {
        if (broken == null && !ending) {
            broken = reason;
        }
    }

    public StreamLedger ledger() {
        return ledger;
    }

    /** Why the connection ended before its client wanted it to, or null. */
    @Nullable
    public String broken() {
        return broken;
    }

    /** When it began to connect, by {@link System#nanoTime}. */
    public long beganNanos() {
        return beganNanos;
    }

    /** The port of this end of the connection. */
    public int localPort() {
        return localPort;
    }

    long heldBack() {
        return heldBack;
    }
}
