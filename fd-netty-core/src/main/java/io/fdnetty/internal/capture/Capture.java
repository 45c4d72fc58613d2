package io.fdnetty.internal.capture;

import io.fdnetty.internal.connection.Clock;
import io.fdnetty.internal.connection.RunningMove;
import io.fdnetty.internal.connection.TrackedConnection;
import io.fdnetty.internal.gate.Refusal;
import io.fdnetty.internal.protocol.ConnectionPart;
import io.fdnetty.internal.protocol.ConnectionUnit;
import io.fdnetty.internal.protocol.Roles;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One request to take a connection, with all that is linked to it, out of their event loop, in as many tries as it
 * needs. Event loop only.
 *
 * <p>A try goes in two steps. {@link #begin} shuts the gates and deregisters: from then on nothing reaches or leaves
 * the handlers. When all channels are deregistered nothing can be read from or written to the sockets any more. When
 * the listener agrees {@link #takeOut} does the rest in one go. The handlers stay where they are, behind the gates,
 * until another process owns the connection: the way back is to open the gates again.
 */
public final class Capture implements RunningMove {
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(Capture.class);

    private static final long FIRST_RETRY_MILLIS = 10;
    private static final long LAST_RETRY_MILLIS = 1000;

    private static final Refusal FORGOTTEN = Refusal.later("the capture was forgotten");
    private static final Refusal OTHER_LINKS = Refusal.later("its links changed as it was stopped");

    private enum Phase {
        /** It serves, and its moment has not come. */
        WAITING,
        /** The gates are shut. */
        STOPPED,
        /** And all are out of the event loop, with their handlers, until the listener lets them go on. */
        HELD,
        /** Out of the event loop, and all that travels is taken or copied. */
        CAPTURED,
        ENDED
    }

    private final TrackedConnection connection;
    private final CaptureListener listener;
    private final int limit;
    private Phase phase = Phase.WAITING;
    private long retryMillis = FIRST_RETRY_MILLIS;
    private boolean woken;
    private boolean forgotten;
    private long stoppedAtMicros;
    /** No try is made while more bytes are pending. */
    private long mostPending = Long.MAX_VALUE;

    private List<CapturePart> parts = List.of();
    /** The parts of which the step that is under way is not done. */
    private int missing;

    private Capture(TrackedConnection connection, CaptureListener listener) {
        this.connection = connection;
        this.listener = listener;
        this.limit = connection.initializer().connections().limits().maxUnitBytes();
    }

    /**
     * Stops a connection and takes it out of its event loop, with its bytes and states.
     *
     * <p>Called on the event loop, the stop happens at once and the rest in a task of the same loop, so that many
     * connections can be stopped in one task; do not call it from within one of the connection's own handlers.
     * Elsewhere it is posted. A connection that cannot move serves on as if nothing had been asked.
     *
     * @param listener hears how it ends, on the event loop
     */
    public static void start(TrackedConnection connection, CaptureListener listener) {
        if (connection.eventLoop().inEventLoop()) {
            startNow(connection, listener);
        } else {
            connection.eventLoop().execute(() -> startNow(connection, listener));
        }
    }

    /** Captures many connections, those of one event loop in one task. */
    public static void startAll(Collection<TrackedConnection> connections, CaptureListener listener) {
        Map<EventLoop, List<TrackedConnection>> byLoop =
                connections.stream().collect(Collectors.groupingBy(TrackedConnection::eventLoop));
        byLoop.forEach((loop, group) -> loop.execute(() -> group.forEach(each -> start(each, listener))));
    }

    private static void startNow(TrackedConnection connection, CaptureListener listener) {
        if (connection.isMember()) {
            listener.movesWith(connection, connection.leader());
        } else if (connection.isMoving()) {
            listener.notMovable(connection, "it is being captured already");
        } else {
            Capture capture = new Capture(connection, listener);
            connection.moveBegins(capture);
            capture.begin();
        }
    }

    /** Tries, now. */
    private void begin() {
        woken = false;
        if (!connection.channel().isOpen()) {
            end();
            listener.closed(connection);
            return;
        }
        parts = connection.group().stream().map(CapturePart::new).toList();
        Refusal first = guarded("asking it", this::ask);
        if (first == null) {
            stop();
        } else {
            refuse(first);
        }
    }

    private @Nullable Refusal ask() {
        Refusal refusal = refusalOfPending();
        return refusal != null ? refusal : each(part -> part.refusal(this::wake));
    }

    /**
     * What is thrown on the way, by the author's code or by ours, costs this connection its move and no other one
     * anything.
     */
    private @Nullable Refusal guarded(String step, Supplier<@Nullable Refusal> question) {
        try {
            return question.get();
        } catch (Throwable e) {
            logger.warn("{} stays in this process: {} failed", connection, step, e);
            return Refusal.never(step + " failed: " + e);
        }
    }

    private @Nullable Refusal each(Function<CapturePart, @Nullable Refusal> question) {
        List<Refusal> all = new ArrayList<>(0);
        for (CapturePart part : parts) {
            Refusal refusal = part.named(question.apply(part));
            if (refusal != null) {
                all.add(refusal);
            }
        }
        return all.isEmpty() ? null : Refusal.all(all);
    }

    private void stop() {
        phase = Phase.STOPPED;
        stoppedAtMicros = Clock.nowMicros();
        missing = parts.size();
        try {
            parts.forEach(part -> part.stop(this::deregistered));
        } catch (Throwable e) {
            halfStopped(e);
        }
    }

    /** Neither stopped nor serving: its peers had better notice than wait. */
    private void halfStopped(Throwable cause) {
        logger.error("{} could not be stopped to be moved: closed", connection, cause);
        end();
        for (CapturePart part : parts) {
            Channel.Unsafe unsafe = part.connection().channel().unsafe();
            unsafe.close(unsafe.voidPromise());
        }
        listener.closed(connection);
    }

    private void deregistered() {
        missing--;
        if (missing == 0) {
            allDeregistered();
        }
    }

    private void allDeregistered() {
        if (forgotten) {
            thaw(FORGOTTEN);
        } else if (connection.channel().isOpen()) {
            phase = Phase.HELD;
            listener.stopped(connection, () -> leaveHeld(this::takeOut));
        } else {
            thaw(OTHER_LINKS);
        }
    }

    private void leaveHeld(Runnable next) {
        if (phase == Phase.HELD) {
            phase = Phase.STOPPED;
            next.run();
        }
    }

    private void takeOut() {
        Refusal second = guarded("taking it out", this::gather);
        if (second == null) {
            captured();
        } else {
            thaw(second);
        }
    }

    private @Nullable Refusal gather() {
        Refusal refusal = isSameGroup() ? each(part -> part.begin(this::wake)) : OTHER_LINKS;
        if (refusal != null) {
            return refusal;
        }
        UnitHarvest harvest = new UnitHarvest(parts, limit);
        refusal = harvest.gather();
        mostPending = harvest.writesOn() ? Math.min(mostPending, harvest.pendingBefore()) : mostPending;
        return refusal;
    }

    /**
     * What a try makes its handlers write comes on top of what waits: the next try is for when the peer has read it.
     */
    private @Nullable Refusal refusalOfPending() {
        long pending = parts.stream().mapToLong(CapturePart::pending).sum();
        return pending > mostPending ? UnitHarvest.WRITES_ON : null;
    }

    /** Whether those that are stopped are those that are linked, all of them open. */
    private boolean isSameGroup() {
        List<TrackedConnection> stopped =
                parts.stream().map(CapturePart::connection).toList();
        return stopped.equals(connection.group())
                && stopped.stream().allMatch(each -> each.channel().isOpen());
    }

    private void captured() {
        phase = Phase.CAPTURED;
        CapturedUnit frozen = new CapturedUnit(this, connection, parts, unit());
        if (forgotten) {
            frozen.resume(FORGOTTEN.reason());
        } else {
            handOut(frozen);
        }
    }

    /** Nobody else would let it go on. */
    private void handOut(CapturedUnit frozen) {
        try {
            listener.captured(connection, frozen);
        } catch (Throwable e) {
            logger.warn("{} was captured and nobody takes it", connection, e);
            frozen.resume("nobody takes it: " + e);
        }
    }

    /** A captured connection stays here. */
    void resume(Runnable whenBack) {
        missing = parts.size();
        parts.forEach(part -> part.thaw(() -> back(whenBack)));
    }

    private void back(Runnable whenBack) {
        missing--;
        if (missing == 0) {
            end();
            whenBack.run();
        }
    }

    private ConnectionUnit unit() {
        int version = connection.initializer().options().version();
        List<ConnectionPart> all = parts.stream().map(this::part).toList();
        return new ConnectionUnit(connection.id(), connection.kind(), version, stoppedAtMicros, all);
    }

    private ConnectionPart part(CapturePart part) {
        TrackedConnection of = part.connection();
        String role = !of.initializer().isOutbound() ? Roles.ACCEPTED : of.isMember() ? of.kind() : Roles.OPENED;
        return part.harvest().part(role, of.listenerName(), of.kind() + '-' + of.id());
    }

    /** Opens the gates again; the connections serve on. */
    private void thaw(Refusal why) {
        missing = parts.size();
        parts.forEach(part -> part.thaw(() -> thawed(why)));
    }

    private void thawed(Refusal why) {
        missing--;
        if (missing > 0) {
            return;
        }
        phase = Phase.WAITING;
        if (connection.channel().isOpen()) {
            refuse(why);
        } else {
            end();
            listener.closed(connection);
        }
    }

    private void refuse(Refusal why) {
        if (forgotten) {
            end();
        } else if (connection.isMember()) {
            end();
            listener.movesWith(connection, connection.leader());
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
            connection.eventLoop().schedule(this::retry, retryMillis, TimeUnit.MILLISECONDS);
            retryMillis = Math.min(2 * retryMillis, LAST_RETRY_MILLIS);
        }
    }

    @Override
    public void wake() {
        try {
            connection.eventLoop().execute(this::woken);
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

    @Override
    public void forget() {
        forgotten = true;
        if (phase == Phase.WAITING) {
            end();
        } else {
            leaveHeld(() -> thaw(FORGOTTEN));
        }
    }

    @Override
    public void linked() {
        if (phase == Phase.WAITING) {
            end();
            listener.movesWith(connection, connection.leader());
        } else {
            leaveHeld(() -> thaw(OTHER_LINKS));
        }
    }

    @Override
    public boolean isStopped() {
        return phase == Phase.STOPPED || phase == Phase.HELD || phase == Phase.CAPTURED;
    }

    @Override
    public boolean isUndecided() {
        return phase == Phase.STOPPED;
    }

    @Override
    public void channelClosed() {
        if (phase == Phase.WAITING) {
            end();
            listener.closed(connection);
        } else {
            leaveHeld(() -> thaw(OTHER_LINKS));
        }
    }

    private void end() {
        phase = Phase.ENDED;
        connection.moveEnded();
    }
}
