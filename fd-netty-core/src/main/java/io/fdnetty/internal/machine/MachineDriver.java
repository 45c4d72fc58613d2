package io.fdnetty.internal.machine;

import io.fdnetty.Role;
import io.fdnetty.channel.AncillarySocketChannel;
import io.fdnetty.internal.protocol.FaultPoints;
import io.fdnetty.internal.protocol.FrameDecoder;
import io.fdnetty.internal.protocol.FrameEncoder;
import io.fdnetty.internal.protocol.Message;
import io.fdnetty.internal.sys.OneLine;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderException;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Between a machine and its control connection: the last handler of the pipeline feeds what happens to the machine and
 * carries out what it decides. All on the control loop; {@link #later} is the way in for other threads.
 *
 * @param <E> the machine's events
 * @param <A> the machine's actions
 */
public abstract class MachineDriver<E, A> extends ChannelDuplexHandler {
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(MachineDriver.class);

    private final AncillarySocketChannel channel;
    private final Deadlines waits;
    private final Deque<E> events = new ArrayDeque<>();
    private boolean deciding;
    private boolean mute;
    private @Nullable Deadline running;
    private @Nullable ScheduledFuture<?> deadline;

    public MachineDriver(AncillarySocketChannel channel, Deadlines waits) {
        this.channel = channel;
        this.waits = waits;
    }

    /** Asks the machine. */
    protected abstract List<? extends A> decide(E event);

    /** Carries out one action. */
    protected abstract void perform(A action);

    /** Who this is, for logs and fault points. */
    protected abstract Role role();

    /** Whether what was decided can no longer be taken back: then it is tried once more. */
    protected abstract boolean mustHappen(A action);

    /** An action could not be carried out: whatever it was to cause will not come. */
    protected abstract void failed(A action, Throwable cause);

    /** Turns what both machines know into this machine's type. */
    protected abstract E common(CommonEvent event);

    /** What a fault of the control socket's bytes means here. */
    protected abstract void broken(String reason);

    /** This process itself failed to read: something that the peer said may be lost. */
    protected abstract void unread(Throwable cause);

    /** A message was not even written, although the control socket is well. */
    protected abstract void unwritten(Message message, Throwable cause);

    protected final AncillarySocketChannel channel() {
        return channel;
    }

    protected final Deadlines waits() {
        return waits;
    }

    /** Feeds an event and everything that follows from it, one after the other. */
    protected final void on(E event) {
        events.add(event);
        if (deciding) {
            return;
        }
        deciding = true;
        try {
            for (E next = events.poll(); next != null; next = events.poll()) {
                decide(next).forEach(this::carryOut);
            }
        } finally {
            deciding = false;
        }
    }

    /** Not even an Error may leave the protocol between two steps: whoever waits would wait for the deadline. */
    private void carryOut(A action) {
        try {
            Message sent = action instanceof CommonAction.Send send ? send.message() : null;
            FaultPoints.action(role().label(), action, sent, channel);
            perform(action);
        } catch (Throwable e) {
            logger.error("{} {} could not be done", channel, OneLine.of(action.toString()), e);
            if (mustHappen(action)) {
                onceMore(action);
            } else {
                failed(action, e);
            }
        }
    }

    private void onceMore(A action) {
        try {
            perform(action);
        } catch (Throwable e) {
            logger.error(
                    "{} {} could not be done again; the upgrade goes on without it",
                    channel,
                    OneLine.of(action.toString()),
                    e);
        }
    }

    /** Feeds an event from any thread. */
    protected final void later(E event) {
        channel.eventLoop().execute(() -> on(event));
    }

    protected final void perform(CommonAction action) {
        if (action instanceof CommonAction.Send send) {
            send(send.message(), written -> {});
        } else if (action instanceof CommonAction.Discard discard) {
            discard.message().discard();
        } else if (action instanceof CommonAction.StartDeadline start) {
            startDeadline(start.waitFor());
        } else if (action instanceof CommonAction.CancelDeadline) {
            cancelDeadline();
        } else if (action instanceof CommonAction.CloseControl) {
            closeWhenWritten();
        } else {
            throw new AssertionError(action);
        }
    }

    /** A peer that hangs with a full socket does not keep it open. */
    private void closeWhenWritten() {
        ScheduledFuture<?> bound = channel.eventLoop()
                .schedule(() -> channel.close(), waits.millis(Deadline.WRITE), TimeUnit.MILLISECONDS);
        channel.closeFuture().addListener(closed -> bound.cancel(false));
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }

    /** The end of the socket is told by the socket; what fails before is told here. */
    protected final void send(Message message, Consumer<ChannelFuture> written) {
        if (mute) {
            message.discard();
            return;
        }
        channel.writeAndFlush(message).addListener((ChannelFuture future) -> {
            Throwable cause = future.cause();
            if (cause != null && !(cause instanceof IOException)) {
                unwritten(message, cause);
            }
            written.accept(future);
        });
    }

    /** Nothing is sent any more. */
    protected final void mute() {
        mute = true;
    }

    /** Both sides know how many descriptors go into one message from here on. */
    protected final void agree(int descriptorsPerMessage) {
        Objects.requireNonNull(channel.pipeline().get(FrameEncoder.class)).descriptorsPerMessage(descriptorsPerMessage);
        Objects.requireNonNull(channel.pipeline().get(FrameDecoder.class)).descriptorsPerMessage(descriptorsPerMessage);
    }

    private void startDeadline(Deadline wait) {
        cancelDeadline();
        running = wait;
        deadline = channel.eventLoop().schedule(() -> deadlineReached(wait), waits.millis(wait), TimeUnit.MILLISECONDS);
    }

    public void deadlineReached(Deadline wait) {
        on(common(new CommonEvent.DeadlineReached(wait)));
    }

    private void cancelDeadline() {
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
        running = null;
    }

    /** There was progress: the running deadline, if it is this one, begins again. */
    protected final void progress(Deadline wait) {
        if (running == wait) {
            startDeadline(wait);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object object) {
        if (object instanceof Message message) {
            received(message);
        } else {
            ReferenceCountUtil.release(object);
        }
    }

    protected void received(Message message) {
        on(common(new CommonEvent.Received(message)));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof DecoderException) {
            broken(String.valueOf(cause.getMessage()));
        } else if (cause instanceof IOException) {
            logger.debug("{} the control socket: {}", channel, cause.toString());
        } else {
            logger.error("{} the control socket cannot be read", channel, cause);
            unread(cause);
        }
    }
}
