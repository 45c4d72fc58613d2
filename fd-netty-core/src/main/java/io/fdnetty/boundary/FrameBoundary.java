package io.fdnetty.boundary;

import static java.util.Objects.requireNonNull;

import io.fdnetty.internal.netty.UnreadBytes;
import io.fdnetty.move.MovableHandler;
import io.fdnetty.move.MoveDecision;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Lets a connection move whose decoder keeps more than its unread bytes: stands in front of it and passes whole frames
 * only, so that the decoder is between two frames whenever it is asked. Half a frame waits here and travels as bytes.
 *
 * <pre>{@code
 * pipeline.addLast(new FrameBoundary(FrameLengths::mqtt), new MqttDecoder(), MqttEncoder.INSTANCE, new MyHandler());
 * }</pre>
 *
 * <p>It answers for the decoders behind it: they must keep nothing from one frame to the next. (A decoder that
 * decompresses or deciphers the stream does.) A frame that is longer than the limit is passed on as it comes, and the
 * connection does not move in the middle of it. Bytes of which the length function makes nothing within the limit, or
 * for which it throws, are passed on as they are, and the connection stays from then on. Event loop only.
 */
public class FrameBoundary extends ByteToMessageDecoder implements MovableHandler {
    private static final int DEFAULT_MOST_HELD = 64 << 10;

    private final ToIntFunction<? super ByteBuf> length;
    private final int mostHeld;
    private long passing;
    private boolean broken;
    private @Nullable Runnable waiting;

    /** Like {@link #FrameBoundary(ToIntFunction, int)}, with 64 KiB. */
    public FrameBoundary(ToIntFunction<? super ByteBuf> length) {
        this(length, DEFAULT_MOST_HELD);
    }

    /**
     * @param length how many bytes the frame has that begins at the buffer's reader index; 0 if that cannot be told
     *     yet. It looks, and changes nothing. See {@link FrameLengths}
     * @param mostHeld how many bytes of a frame are kept until it is whole
     */
    public FrameBoundary(ToIntFunction<? super ByteBuf> length, int mostHeld) {
        if (mostHeld <= 0) {
            throw new IllegalArgumentException("mostHeld: " + mostHeld + " (expected: > 0)");
        }
        this.length = requireNonNull(length, "length");
        this.mostHeld = mostHeld;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        int whole = passing > 0 || broken ? rest(in.readableBytes()) : wholeFrames(in);
        if (whole > 0) {
            out.add(in.readRetainedSlice(whole));
        }
        wakeAtBoundary();
    }

    /** The rest of a frame that is passed on as it comes. */
    private int rest(int readable) {
        if (broken) {
            return readable;
        }
        int part = (int) Math.min(passing, readable);
        passing -= part;
        return part;
    }

    private int wholeFrames(ByteBuf in) {
        int start = in.readerIndex();
        int end = start;
        while (end < in.writerIndex() && !broken && passing == 0) {
            int frame = lengthAt(in, end);
            int left = in.writerIndex() - end;
            if (frame > left && frame > mostHeld) {
                passing = (long) frame - left;
                frame = left;
            } else if (frame == 0 && left > mostHeld) {
                broken = true;
            }
            if (frame == 0 || frame > left) {
                break;
            }
            end += frame;
        }
        in.readerIndex(start);
        return broken ? in.readableBytes() : end - start;
    }

    private int lengthAt(ByteBuf in, int index) {
        int writerIndex = in.writerIndex();
        try {
            int frame = length.applyAsInt(in.readerIndex(index));
            broken |= frame < 0;
            return Math.max(0, frame);
        } catch (RuntimeException e) {
            broken = true;
            return 0;
        } finally {
            in.setIndex(index, writerIndex);
        }
    }

    /** What comes last is no whole frame. */
    @Override
    protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        decode(ctx, in, out);
        if (in.isReadable()) {
            broken = true;
            out.add(in.readRetainedSlice(in.readableBytes()));
        }
    }

    private void wakeAtBoundary() {
        Runnable now = waiting;
        if (now != null && passing == 0) {
            waiting = null;
            now.run();
        }
    }

    @Override
    public MoveDecision mayMove(ChannelHandlerContext ctx, Runnable retry) {
        if (broken) {
            return MoveDecision.never("what it receives are no frames of its protocol");
        }
        if (passing == 0) {
            waiting = null;
            return MoveDecision.yes();
        }
        return MoveDecision.notNow("a long frame is coming in", () -> waiting = retry);
    }

    /** It knows frames, and not what the application makes of them. */
    @Override
    public boolean knowsAnswers() {
        return false;
    }

    @Override
    public boolean vouchesFor(ChannelHandler other) {
        return other != this && UnreadBytes.mayBeIn(other);
    }
}
