package io.fdnetty.boundary;

import static java.util.Objects.requireNonNull;
import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.fdnetty.move.ConnectionMovedException;
import io.fdnetty.move.ConnectionRestored;
import io.fdnetty.move.MoveDecision;
import io.fdnetty.move.MoveOptions;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandler;
import io.netty.channel.ChannelPromise;
import io.netty.util.concurrent.Future;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.net.SocketAddress;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Lets the sessions of a server move that begins each with a login and knows nothing of moves: it records the first
 * frame of the client and the first frame of the answer. Where the connection arrives the recorded frame is sent to the
 * handlers again, and their answer is swallowed, since the client has it; then what the client sent meanwhile follows.
 * Also a {@link FrameBoundary}.
 *
 * <pre>{@code upgrader.movable("mqtt", anyInitializer, MoveOptions.restored().inFront(LoginReplay::mqtt)) }</pre>
 *
 * <p>The kind must be {@linkplain MoveOptions#restored() restored}. The recorded frames (a password may be in them)
 * cross the control socket as state and are never logged. If the answer does not come within {@value #PATIENCE_MILLIS}
 * ms, or is another one, the connection is closed with a line in the log. Event loop only.
 */
public final class LoginReplay extends FrameBoundary implements ChannelOutboundHandler {
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(LoginReplay.class);

    private static final int PATIENCE_MILLIS = 10_000;
    private static final int MOST_RECORDED = 64 << 10;

    private enum Phase {
        /** The client has not logged in. */
        FRESH,
        /** Its login is being answered. */
        ANSWERING,
        /** It is answered. */
        LOGGED_IN,
        /** The connection arrived, and the login is answered once more. */
        REPLAYING,
        /** The login is too long to be recorded. */
        UNKNOWN
    }

    private final ToIntFunction<? super ByteBuf> length;
    private final BiPredicate<? super ByteBuf, ? super ByteBuf> sameAnswer;
    private Phase phase = Phase.FRESH;
    private ByteBuf login = Unpooled.EMPTY_BUFFER;
    private ByteBuf answer = Unpooled.EMPTY_BUFFER;
    private ByteBuf repeated = Unpooled.EMPTY_BUFFER;
    private boolean pausedReading;
    private @Nullable Runnable waiting;
    private @Nullable Future<?> deadline;

    /**
     * @param length see {@link FrameBoundary#FrameBoundary(ToIntFunction)}; of the client's frames and the server's
     * @param sameAnswer whether the first answer that the client has got, and the repeated one, mean the same to it
     */
    public LoginReplay(
            ToIntFunction<? super ByteBuf> length, BiPredicate<? super ByteBuf, ? super ByteBuf> sameAnswer) {
        super(length);
        this.length = length;
        this.sameAnswer = requireNonNull(sameAnswer, "sameAnswer");
    }

    /** For MQTT: CONNECT is repeated, and must be accepted with a CONNACK again. */
    public static LoginReplay mqtt() {
        return new LoginReplay(FrameLengths::mqtt, LoginReplay::isSameConnack);
    }

    /** The return code; whether a session was present may differ. */
    private static boolean isSameConnack(ByteBuf before, ByteBuf now) {
        return before.readableBytes() >= 4
                && now.readableBytes() >= 4
                && before.getByte(before.readerIndex()) == now.getByte(now.readerIndex())
                && before.getByte(before.readerIndex() + 3) == now.getByte(now.readerIndex() + 3);
    }

    /** For Redis: the first command ({@code AUTH}, {@code HELLO}) is repeated, and must get the same answer. */
    public static LoginReplay resp() {
        return new LoginReplay(FrameLengths::resp, ByteBuf::equals);
    }

    // ---- the client's bytes

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (phase == Phase.REPLAYING) {
            pauseReading(ctx, in.readableBytes());
            return;
        }
        int before = in.readerIndex();
        super.decode(ctx, in, out);
        if (phase == Phase.FRESH && in.readerIndex() > before) {
            record(in, before);
        }
    }

    /** What the client sends meanwhile waits here. */
    private void pauseReading(ChannelHandlerContext ctx, int bytes) {
        if (bytes > MOST_RECORDED && ctx.channel().config().isAutoRead()) {
            pausedReading = true;
            ctx.channel().config().setAutoRead(false);
        }
    }

    private void record(ByteBuf in, int from) {
        ByteBuf passed = in.slice(from, in.readerIndex() - from);
        int frame = length.applyAsInt(passed);
        if (frame > 0 && frame <= passed.readableBytes() && frame <= MOST_RECORDED) {
            login = Unpooled.copiedBuffer(passed.slice(0, frame));
            phase = Phase.ANSWERING;
        } else {
            phase = Phase.UNKNOWN;
        }
    }

    // ---- the server's bytes

    @Override
    public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
        if (phase == Phase.ANSWERING && msg instanceof ByteBuf bytes) {
            answer = Unpooled.wrappedBuffer(answer, Unpooled.copiedBuffer(bytes));
            if (frameOf(answer) > 0) {
                answer = Unpooled.copiedBuffer(answer.slice(0, frameOf(answer)));
                phase = Phase.LOGGED_IN;
                wake();
            } else if (answer.readableBytes() > MOST_RECORDED) {
                phase = Phase.UNKNOWN;
                wake();
            }
            ctx.write(msg, promise);
        } else if (phase == Phase.REPLAYING && msg instanceof ByteBuf bytes) {
            swallow(ctx, bytes, promise);
        } else {
            ctx.write(msg, promise);
        }
    }

    /** The length of the frame that these bytes begin with; 0 if it is not whole, or none. */
    private int frameOf(ByteBuf bytes) {
        try {
            int frame = length.applyAsInt(bytes);
            return frame <= bytes.readableBytes() ? frame : 0;
        } catch (RuntimeException e) {
            return 0;
        }
    }

    private void swallow(ChannelHandlerContext ctx, ByteBuf bytes, ChannelPromise promise) {
        repeated = Unpooled.wrappedBuffer(repeated, Unpooled.copiedBuffer(bytes));
        bytes.release();
        int frame = frameOf(repeated);
        if (frame == 0) {
            promise.trySuccess();
            if (repeated.readableBytes() > MOST_RECORDED) {
                notRepeated(ctx, "its login was answered with something else");
            }
            return;
        }
        ByteBuf rest = Unpooled.copiedBuffer(repeated.slice(frame, repeated.readableBytes() - frame));
        if (!sameAnswer.test(answer.duplicate(), repeated.slice(0, frame))) {
            promise.tryFailure(new ConnectionMovedException("the repeated login was answered otherwise"));
            notRepeated(ctx, "its login was answered otherwise");
            return;
        }
        phase = Phase.LOGGED_IN;
        repeated = Unpooled.EMPTY_BUFFER;
        cancelDeadline();
        ctx.write(rest, promise);
        ctx.executor().execute(() -> goOn(ctx));
    }

    private void goOn(ChannelHandlerContext ctx) {
        if (ctx.isRemoved()) {
            return;
        }
        try {
            channelRead(ctx, Unpooled.EMPTY_BUFFER);
            channelReadComplete(ctx);
        } catch (Exception e) {
            ctx.fireExceptionCaught(e);
        }
        if (pausedReading) {
            pausedReading = false;
            ctx.channel().config().setAutoRead(true);
        }
        wake();
    }

    // ---- moving

    /** The login is repeated, with all that it does to the pipeline. */
    @Override
    public boolean rebuildsPipeline() {
        return phase == Phase.LOGGED_IN;
    }

    @Override
    public MoveDecision mayMove(ChannelHandlerContext ctx, Runnable retry) {
        if (phase == Phase.UNKNOWN) {
            return MoveDecision.never("its login was too long to be recorded");
        }
        MoveDecision frames = super.mayMove(ctx, retry);
        if (phase == Phase.FRESH || phase == Phase.LOGGED_IN || frames.isNever()) {
            waiting = null;
            return frames;
        }
        return MoveDecision.notNow("its login is being answered", () -> waiting = retry);
    }

    private void wake() {
        Runnable now = waiting;
        waiting = null;
        if (now != null) {
            now.run();
        }
    }

    @Override
    public String stateName() {
        return "Login";
    }

    @Override
    public int stateVersion() {
        return 1;
    }

    @Override
    public void saveState(ChannelHandlerContext ctx, ByteBuf out) {
        out.writeInt(login.readableBytes()).writeBytes(login.duplicate()).writeBytes(answer.duplicate());
    }

    @Override
    public void restoreState(ChannelHandlerContext ctx, int version, ByteBuf in) {
        int size = in.readInt();
        if (size < 0 || size > in.readableBytes()) {
            throw new IllegalArgumentException("a login of " + size + " bytes in " + in.readableBytes());
        }
        login = Unpooled.copiedBuffer(in.readSlice(size));
        answer = Unpooled.copiedBuffer(in);
        phase = login.isReadable() ? Phase.REPLAYING : Phase.FRESH;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object evt) throws Exception {
        if (evt instanceof ConnectionRestored) {
            ctx.fireChannelActive(); // a fresh connection, as far as the server knows
        }
        super.userEventTriggered(ctx, evt);
        if (evt instanceof ConnectionRestored && phase == Phase.REPLAYING) {
            deadline = ctx.executor()
                    .schedule(() -> notRepeated(ctx, "its login was not answered"), PATIENCE_MILLIS, MILLISECONDS);
            ctx.fireChannelRead(login.retainedDuplicate());
            ctx.fireChannelReadComplete();
        }
    }

    private void notRepeated(ChannelHandlerContext ctx, String reason) {
        cancelDeadline();
        if (!ctx.isRemoved() && ctx.channel().isActive()) {
            logger.warn("{} A connection that moved here is closed: {}", ctx.channel(), reason);
            ctx.close();
        }
    }

    private void cancelDeadline() {
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) {
        cancelDeadline();
    }

    // ---- passed on

    @Override
    public void bind(ChannelHandlerContext ctx, SocketAddress local, ChannelPromise promise) {
        ctx.bind(local, promise);
    }

    @Override
    public void connect(
            ChannelHandlerContext ctx, SocketAddress remote, @Nullable SocketAddress local, ChannelPromise promise) {
        ctx.connect(remote, local, promise);
    }

    @Override
    public void disconnect(ChannelHandlerContext ctx, ChannelPromise promise) {
        ctx.disconnect(promise);
    }

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        ctx.close(promise);
    }

    @Override
    public void deregister(ChannelHandlerContext ctx, ChannelPromise promise) {
        ctx.deregister(promise);
    }

    @Override
    public void read(ChannelHandlerContext ctx) {
        ctx.read();
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
        ctx.flush();
    }
}
