package io.fdnetty.internal.incumbent;

import io.fdnetty.internal.capture.Capture;
import io.fdnetty.internal.capture.CaptureListener;
import io.fdnetty.internal.capture.Captured;
import io.fdnetty.internal.connection.TrackedConnection;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Some connections of one event loop, captured in one task. Their outcomes reach the control loop together. Where the
 * event loop takes too long, the batch is {@linkplain #cut cut}: what is known then counts, and the others follow one
 * by one.
 *
 * <p>Thread-safe: outcomes come on the connections' event loop, all else on the control loop. When the control loop has
 * ended nobody settles a connection any more, so each one that is stopped goes on.
 */
final class CaptureBatch {
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(CaptureBatch.class);
    private static final String CLOSED = "the upgrader is closed";

    /** A connection that is stopped, and out of its event loop. */
    record Stopped(TrackedConnection connection, Captured captured) {}

    /**
     * What is known when the batch is reported.
     *
     * @param refused those that stay for now, with the reason
     * @param ended how many had ended before
     * @param unanswered those whose event loop has not come to them
     */
    public record Outcomes(
            List<Stopped> captured,
            Map<TrackedConnection, String> refused,
            int ended,
            List<TrackedConnection> unanswered) {}

    /** Who asked for the batch; on the control loop. */
    interface Collector {
        /** Every connection has an outcome. Not called if the batch was cut. */
        void collected(Outcomes all);

        /** Its moment came after the report. */
        void late(Stopped one);

        /** It stays, as has become known after the report. */
        void stays(TrackedConnection connection, String reason);

        /** It moves with another one, as has become known after the report. */
        void joined(TrackedConnection connection);

        /** The batch was cut, and by now every connection has an outcome. */
        void answered();
    }

    private final EventLoop loop;
    private final EventExecutor control;
    private final Collector collector;
    private final List<TrackedConnection> connections;
    private final Set<TrackedConnection> unanswered;
    private final List<Stopped> captured = new ArrayList<>();
    private final Map<TrackedConnection, String> refused = new LinkedHashMap<>();
    private int ended;
    private boolean begun;
    private boolean reported;

    CaptureBatch(EventLoop loop, EventExecutor control, List<TrackedConnection> connections, Collector collector) {
        this.loop = loop;
        this.control = control;
        this.connections = connections;
        this.unanswered = new LinkedHashSet<>(connections);
        this.collector = collector;
    }

    /** @throws RejectedExecutionException if the event loop has ended */
    void post() {
        loop.execute(this::run);
    }

    private void run() {
        begin();
        connections.forEach(this::capture);
    }

    private synchronized void begin() {
        begun = true;
    }

    private void capture(TrackedConnection connection) {
        Outcome outcome = new Outcome();
        try {
            Capture.start(connection, outcome);
        } catch (Throwable e) { // or the others would stand still for ever
            logger.warn("{} stays in this process: capturing it failed", connection, e);
            outcome.notMovable(connection, "capturing it failed: " + e);
        }
    }

    /** Whether the event loop has come to it. */
    synchronized boolean hasBegun() {
        return begun;
    }

    /** Reports what is known now; null if it was reported already. */
    synchronized @Nullable Outcomes cut() {
        return reported ? null : report();
    }

    private Outcomes report() {
        reported = true;
        return new Outcomes(List.copyOf(captured), new LinkedHashMap<>(refused), ended, List.copyOf(unanswered));
    }

    /** What became of one connection: {@code early} counts with the batch, {@code late} is told by itself. */
    private void resolve(TrackedConnection connection, Runnable early, Late late) {
        Outcomes all = null;
        boolean first;
        boolean last;
        boolean isLate;
        synchronized (this) {
            isLate = reported;
            first = unanswered.remove(connection);
            last = first && unanswered.isEmpty();
            if (!isLate) {
                refused.remove(connection);
                early.run();
                all = last ? report() : null;
            }
        }
        if (all != null) {
            collected(all);
        } else if (isLate) {
            late.tell(first);
            if (last) {
                onControl(collector::answered, () -> {});
            }
        }
    }

    /** After the report. */
    private interface Late {
        /** @param first whether nothing was known of this connection */
        void tell(boolean first);
    }

    private void collected(Outcomes all) {
        onControl(() -> collector.collected(all), () -> {
            all.captured.forEach(one -> one.captured.resume(CLOSED));
            all.refused.keySet().forEach(TrackedConnection::forgetCapture);
        });
    }

    private void onControl(Runnable task, Runnable ifOver) {
        try {
            control.execute(task);
        } catch (RejectedExecutionException e) {
            ifOver.run();
        }
    }

    /** On the connections' event loop; the last time perhaps long after the report. */
    private final class Outcome implements CaptureListener {
        @Override
        public void captured(TrackedConnection connection, Captured unit) {
            Stopped one = new Stopped(connection, unit);
            resolve(
                    connection,
                    () -> captured.add(one),
                    first -> onControl(() -> collector.late(one), () -> unit.resume(CLOSED)));
        }

        @Override
        public void notNow(TrackedConnection connection, String reason) {
            resolve(connection, () -> refused.put(connection, reason), first -> {
                if (first) {
                    onControl(() -> collector.stays(connection, reason), connection::forgetCapture);
                }
            });
        }

        @Override
        public void notMovable(TrackedConnection connection, String reason) {
            resolve(
                    connection,
                    () -> refused.put(connection, reason),
                    first -> onControl(() -> collector.stays(connection, reason), () -> {}));
        }

        @Override
        public void movesWith(TrackedConnection connection, TrackedConnection leader) {
            resolve(connection, () -> {}, first -> onControl(() -> collector.joined(connection), () -> {}));
        }

        @Override
        public void closed(TrackedConnection connection) {
            resolve(connection, () -> ended++, first -> {}); // whoever is kept is watched
        }
    }
}
