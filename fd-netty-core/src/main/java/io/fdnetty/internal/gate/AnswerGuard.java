package io.fdnetty.internal.gate;

import io.fdnetty.move.ConnectionRestored;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import org.jspecify.annotations.Nullable;

/**
 * Counts the messages that wait for an answer, between the codecs and the first handler that fd-netty does not know.
 *
 * <p>A message is answered by one write: before its {@code channelRead} returns, or later. What is written with no
 * message waiting, or in several writes, makes the count inconclusive for the whole kind ({@link AnswerHabits}). Not
 * counted are empty buffers, and what is written in {@code channelActive}, on {@link ConnectionRestored} and on the
 * events of Netty's own handlers (an idle connection, a handshake), which are no answers.
 *
 * <p>Event loop only. A few fields and no allocation for a message.
 */
public final class AnswerGuard extends ChannelDuplexHandler implements OwnHandler {
    public static final String NAME = "fd-netty-answer-guard";

    /** No message is being handled: what is written is written later. */
    private static final int LATER = -1;
    /** What is written is no answer. */
    private static final int UNCOUNTED = -2;

    private static final String NETTY = "io.netty.";
    /** What no protocol answers. */
    private static final String PROXY_HEADER = "io.netty.handler.codec.haproxy.";

    private final AnswerHabits habits;
    /** The writes since the message came in that is being handled; or one of the constants. */
    private int written = UNCOUNTED;

    private int waiting;
    private boolean hasRead;
    private boolean hasWaited;
    private @Nullable Runnable settled;

    public AnswerGuard(AnswerHabits habits) {
        this.habits = habits;
    }

    /** How many messages wait for an answer, as far as can be counted. */
    public int waiting() {
        return waiting;
    }

    /** Whether the count says something about this connection. */
    public boolean isConclusive() {
        return !(habits.areUnasked() && hasRead) && !(habits.areSeveral() && hasWaited);
    }

    /** Runs the task once when no message waits any more; the last one counts. */
    public void whenSettled(Runnable task) {
        settled = task;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ctx.fireChannelActive();
        written = LATER;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        int outer = Math.max(written, LATER);
        written = 0;
        ctx.fireChannelRead(msg);
        handled(written, msg.getClass());
        written = outer;
    }

    private void handled(int writes, Class<?> type) {
        hasRead = true;
        if (writes == 0) {
            waits(type);
        } else if (writes > 1) {
            habits.writesSeveral();
        }
    }

    private void waits(Class<?> type) {
        if (!type.getName().startsWith(PROXY_HEADER)) {
            waiting++;
            hasWaited = true;
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object evt) {
        if (evt == ConnectionRestored.INSTANCE || evt.getClass().getName().startsWith(NETTY)) {
            int outer = written;
            written = UNCOUNTED;
            ctx.fireUserEventTriggered(evt);
            written = evt == ConnectionRestored.INSTANCE ? LATER : outer;
        } else {
            ctx.fireUserEventTriggered(evt);
        }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
        if (written != UNCOUNTED && !(msg instanceof ByteBuf bytes && !bytes.isReadable())) {
            count();
        }
        ctx.write(msg, promise);
    }

    private void count() {
        if (written >= 0) {
            written++;
        } else if (waiting == 0) {
            habits.writesUnasked();
        } else {
            waiting--;
            if (waiting == 0) {
                settled();
            }
        }
    }

    private void settled() {
        Runnable task = settled;
        settled = null;
        if (task != null) {
            task.run();
        }
    }
}
