package io.fdnetty.testsuite.fault;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One connection that sends numbered frames, cut anywhere, and checks each answer: every frame once, in order, whole,
 * by a process that nobody has replaced yet. On its event loop, but for what is volatile.
 */
final class FaultClient extends SimpleChannelInboundHandler<ByteBuf> {
    private static final int MOST_IN_FLIGHT = 32;

    private final List<Long> owners = new ArrayList<>();
    private final long last;
    private final Runnable changed;
    private @Nullable Channel channel;
    private @Nullable ByteBuf uncut;
    private long sent;
    private boolean ending;
    private volatile long answered;
    private volatile long owner;
    private volatile @Nullable String wrong;
    private volatile @Nullable String broken;

    /**
     * @param frames how many it sends at most
     * @param changed run on its event loop whenever it got an answer, or is broken
     */
    FaultClient(long frames, Runnable changed) {
        this.last = frames;
        this.changed = changed;
    }

    void addTo(ChannelPipeline pipeline) {
        pipeline.addLast(new LengthFieldBasedFrameDecoder(1 << 20, 0, Integer.BYTES, 0, Integer.BYTES), this);
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        channel = ctx.channel();
        tick();
    }

    /** Sends the rest of a frame and the beginning of the next, or, at the end, the rest alone. */
    void tick() {
        Channel open = channel;
        if (open == null || broken != null) {
            return;
        }
        ByteBuf out = open.alloc().buffer();
        if (uncut != null) {
            out.writeBytes(uncut);
            uncut.release();
            uncut = null;
        }
        if (!ending && sent < last && sent - answered < MOST_IN_FLIGHT) {
            ByteBuf frame = open.alloc().buffer();
            Answer.writeFrame(sent, frame);
            int cut = sent == last - 1 ? frame.readableBytes() : (int) (sent * 131 % (frame.readableBytes() + 1));
            sent++;
            out.writeBytes(frame, cut);
            uncut = frame;
        }
        open.writeAndFlush(out, open.voidPromise());
    }

    /** Sends no new frame. */
    void end() {
        ending = true;
        tick();
    }

    /** Whether every frame is answered, or the connection is broken. */
    boolean isSettled() {
        return broken != null || (ending && answered == sent);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf bytes) {
        Answer answer = Answer.read(bytes);
        check(answer);
        owner = answer.pid();
        long now = answered + 1;
        answered = now;
        if (now == last) {
            close();
        }
        changed.run();
    }

    private void check(Answer answer) {
        if (answer.sequence() != answered || !answer.intact()) {
            complain("expected the answer to frame " + answered + ", got " + answer);
        }
        if (answer.before() != answer.sequence()) {
            complain("frame " + answer.sequence() + " was that of number " + answer.before() + " to its handler");
        }
        if (answer.pid() != owner) {
            if (owners.contains(answer.pid())) {
                complain("pid " + answer.pid() + " answers frame " + answered + " after " + owners);
            }
            owners.add(answer.pid());
        }
    }

    private void complain(String what) {
        if (wrong == null) {
            wrong = what;
        }
    }

    void close() {
        ending = true;
        if (channel != null) {
            channel.close();
        }
        if (uncut != null) {
            uncut.release();
            uncut = null;
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (!ending || answered < sent) {
            broken("the end of the stream");
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        broken(String.valueOf(cause.getMessage()));
        ctx.close();
    }

    private void broken(String how) {
        if (broken == null) {
            broken = how;
            changed.run();
        }
    }

    long answered() {
        return answered;
    }

    /** The process that gave the last answer; 0 before the first. */
    long owner() {
        return owner;
    }

    boolean isBroken() {
        return broken != null;
    }

    /** What must never be, or null. */
    @Nullable
    String wrong() {
        return wrong;
    }

    @Override
    public String toString() {
        return answered + " of " + sent + " answered, by " + owners + (broken == null ? "" : ", broken: " + broken)
                + (wrong == null ? "" : ", WRONG: " + wrong);
    }
}
