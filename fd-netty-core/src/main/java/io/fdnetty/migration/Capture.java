package io.fdnetty.migration;

import static java.util.Objects.requireNonNull;

import io.fdnetty.handover.ConnectionPart;
import io.fdnetty.handover.ConnectionUnit;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One request to take a connection out of its event loop, in as many tries as it needs. Event loop only.
 *
 * <p>A try goes in two steps. {@link #begin} shuts the gate and deregisters: from then on nothing reaches or leaves the
 * handlers. When the channel is deregistered nothing can be read from or written to the socket any more. When the listener
 * agrees {@link #takeOut} does the rest in one go: first all that can fail, while the way back is to open the gate again ({@link #thaw}),
 * then the removal of the handlers.
 */
final class Capture implements Gate.Owner {
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(Capture.class);

    private static final long FIRST_RETRY_MILLIS = 10;
    private static final long LAST_RETRY_MILLIS = 1000;

    private static final Refusal FORGOTTEN = Refusal.later("the capture was forgotten");

    private enum Phase {
        /** It serves, and its moment has not come. */
        WAITING,
        /** The gate is shut. */
        STOPPED,
        /** And it is out of the event loop, with its handlers, until the listener lets it go on. */
        HELD,
        /** Out of the event loop, without handlers. */
        CAPTURED,
        ENDED
    }

    private final TrackedConnection connection;
    private final Channel channel;
    private final CaptureListener listener;
    private final int limit;
    private Phase phase = Phase.WAITING;
    private long retryMillis = FIRST_RETRY_MILLIS;
    private boolean woken;
    private boolean forgotten;
    private long stoppedAtMicros;
    private @Nullable Gate gate;
    private @Nullable Harvest harvest;
    private @Nullable Refusal refusal;

    Capture(TrackedConnection connection, CaptureListener listener) {
        this.connection = connection;
        this.channel = connection.channel();
        this.listener = listener;
        this.limit = connection.initializer().connections().limits().maxUnitBytes();
    }

    /** Tries, now. */
    void begin() {
        woken = false;
        if (!channel.isOpen()) {
            end();
            listener.closed(connection);
            return;
        }
        Refusal first = connection.listenerName().isEmpty()
                ? Refusal.never("no listener of the upgrade accepted it")
                : survey().refusal(this::wake);
        if (first == null) {
            first = Harvest.refusalOfOutbound(channel, limit);
        }
        if (first == null) {
            stop();
        } else {
            refuse(first);
        }
    }

    private Survey survey() {
        return Survey.of(channel, connection.initializer().options(), gate);
    }

    private void stop() {
        phase = Phase.STOPPED;
        stoppedAtMicros = Clock.nowMicros();
        Gate shut = new Gate(this);
        gate = shut;
        channel.pipeline().addFirst(shut);
        Writability.set(channel, false);
        shut.context().deregister().addListener(done -> deregistered(shut));
    }

    private void deregistered(Gate shut) {
        if (!channel.isOpen()) {
            end();
            listener.closed(connection);
        } else if (forgotten) {
            thaw(FORGOTTEN);
        } else {
            phase = Phase.HELD;
            listener.stopped(connection, () -> goOn(shut));
        }
    }

    private void goOn(Gate shut) {
        if (phase == Phase.HELD) {
            phase = Phase.STOPPED;
            takeOut(shut);
        }
    }

    private void takeOut(Gate shut) {
        Survey survey = survey();
        Refusal second = survey.refusal(this::wake);
        if (second == null) {
            Harvest all = new Harvest(channel, shut, survey, limit);
            harvest = all;
            second = gather(all);
        }
        if (second == null) {
            captured(shut, requireNonNull(harvest));
        } else {
            thaw(second);
        }
    }

    private static @Nullable Refusal gather(Harvest harvest) {
        Refusal refusal = harvest.takeUnwritten();
        return refusal != null ? refusal : harvest.saveStates();
    }

    private void captured(Gate shut, Harvest all) {
        Refusal late = all.strip();
        phase = Phase.CAPTURED;
        Frozen frozen = new Frozen(connection, shut, unit(all));
        harvest = null;
        shut.freeze();
        if (late != null) {
            frozen.resume(late.reason());
        }
        if (forgotten) {
            frozen.resume(FORGOTTEN.reason());
        } else if (late != null) {
            listener.notMovable(connection, late.reason());
        } else {
            listener.captured(connection, frozen);
        }
    }

    private ConnectionUnit unit(Harvest all) {
        String name = connection.kind() + '-' + connection.id();
        ConnectionPart part = all.part(connection.listenerName(), name);
        int version = connection.initializer().options().version();
        return new ConnectionUnit(connection.id(), connection.kind(), version, stoppedAtMicros, List.of(part));
    }

    /** Opens the gate again; the connection serves on. */
    private void thaw(Refusal why) {
        refusal = why;
        channel.eventLoop().register(channel).addListener(registration -> {
            if (!registration.isSuccess()) {
                notThawed(registration.cause());
            }
        });
    }

    private void notThawed(Throwable cause) {
        logger.warn("{} cannot go back to its event loop", connection, cause);
        requireNonNull(gate).outbound().fail(cause);
        discardHarvest();
        end();
        listener.closed(connection);
    }

    /** The channel is in its event loop again: the gate opens. Its handlers never noticed that it was out. */
    @Override
    public void registered(ChannelHandlerContext ctx) {
        Gate shut = requireNonNull(gate);
        Harvest back = harvest;
        harvest = null;
        if (back != null) {
            back.giveBack();
        }
        shut.open();
        gate = null;
        phase = Phase.WAITING;
        refuse(requireNonNull(refusal));
    }

    @Override
    public void closedWhileHeld(ChannelHandlerContext ctx) {
        discardHarvest();
        requireNonNull(gate).closed();
    }

    private void discardHarvest() {
        if (harvest != null) {
            harvest.discard();
            harvest = null;
        }
    }

    private void refuse(Refusal why) {
        if (forgotten) {
            end();
        } else if (why.when() == Refusal.When.NEVER) {
            end();
            listener.notMovable(connection, why.reason());
        } else {
            listener.notNow(connection, why.reason());
            await(why.when());
        }
    }

    private void await(Refusal.When when) {
        if (woken) {
            wake();
        } else if (when == Refusal.When.LATER) {
            channel.eventLoop().schedule(this::retry, retryMillis, TimeUnit.MILLISECONDS);
            retryMillis = Math.min(2 * retryMillis, LAST_RETRY_MILLIS);
        }
    }

    /** A handler says that now is the moment; any thread. */
    private void wake() {
        try {
            channel.eventLoop().execute(this::woken);
        } catch (RejectedExecutionException e) {
            logger.debug("{} is ready to move but its event loop has ended", connection, e);
        }
    }

    private void woken() {
        if (phase == Phase.STOPPED || phase == Phase.HELD) {
            woken = true;
        } else {
            retry();
        }
    }

    private void retry() {
        if (phase == Phase.WAITING) {
            begin();
        }
    }

    /** The listener wants to hear nothing more. */
    void forget() {
        forgotten = true;
        if (phase == Phase.WAITING) {
            end();
        } else if (phase == Phase.HELD) {
            phase = Phase.STOPPED;
            thaw(FORGOTTEN);
        }
    }

    /** Whether the next task of the event loop knows more. */
    boolean isUndecided() {
        return phase == Phase.STOPPED;
    }

    /** Called when the channel is closed. */
    void channelClosed() {
        if (phase == Phase.WAITING || phase == Phase.HELD) {
            end();
            listener.closed(connection);
        }
    }

    private void end() {
        phase = Phase.ENDED;
        connection.captureEnded();
    }
}
