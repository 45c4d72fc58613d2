package io.fdnetty;

import io.fdnetty.handover.ConnectionUnit;
import io.fdnetty.handover.IncumbentHost;
import io.fdnetty.migration.CaptureListener;
import io.fdnetty.migration.Captured;
import io.fdnetty.migration.LiveConnection;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Moves the live connections of an incumbent in batches: while some wait for their acknowledgement the next are captured, no more at once than the
 * successor's {@link Pace} allows.
 *
 * <p>Everything but the capture itself runs on the control loop. A captured connection stays this mover's until it is told to {@link #release} or {@link #resume} it.
 */
final class ConnectionMover implements Mover {
    private static final int MOST_BATCHES = 16;
    private static final String OVER = "the upgrade is over";

    private final EventLoop control;
    private final int batch;
    private final long maxFrameBytes;
    private final UpgradeJournal journal;
    private final KeptConnections kept;
    private final IncumbentHost.Moves moves;
    private final Map<EventLoop, Lane> lanes = new LinkedHashMap<>();
    private final Deque<Lane> turns = new ArrayDeque<>();
    private final Pace pace;
    private final Map<Long, InFlight> inFlight = new HashMap<>();
    private int standing;
    private boolean passDone;
    private boolean stopped;

    ConnectionMover(
            EventLoop control,
            int batch,
            long maxFrameBytes,
            UpgradeJournal journal,
            KeptConnections kept,
            IncumbentHost.Moves moves) {
        this.control = control;
        this.batch = batch;
        this.maxFrameBytes = maxFrameBytes;
        this.journal = journal;
        this.kept = kept;
        this.moves = moves;
        this.pace = new Pace(batch * MOST_BATCHES);
    }

    /** The connections of one event loop. */
    private static final class Lane {
        final EventLoop loop;
        final Deque<LiveConnection> waiting = new ArrayDeque<>();

        Lane(EventLoop loop) {
            this.loop = loop;
        }
    }

    private record Stopped(Channel channel, Captured captured) {}

    private record InFlight(Lane lane, Stopped stopped, long bytes, long since) {}

    @Override
    public void start(Collection<LiveConnection> connections) {
        connections.forEach(connection ->
                lanes.computeIfAbsent(connection.eventLoop(), Lane::new).waiting.add(connection));
        turns.addAll(lanes.values());
        advance();
        checkPass();
    }

    @Override
    public void stop() {
        stopped = true;
        turns.clear();
        kept.forgetAll();
    }

    /** Captures as many as may stand still now, a batch of each event loop in turn. */
    private void advance() {
        for (int room = pace.room(standing); room > 0 && !turns.isEmpty(); room = pace.room(standing)) {
            Lane lane = turns.remove();
            capture(lane, Math.min(batch, room));
            if (!lane.waiting.isEmpty()) {
                turns.add(lane);
            }
        }
    }

    private void capture(Lane lane, int most) {
        List<LiveConnection> next = new ArrayList<>(most);
        while (next.size() < most && !lane.waiting.isEmpty()) {
            next.add(lane.waiting.remove());
        }
        if (!next.isEmpty()) {
            standing += next.size();
            Batch collecting = new Batch(lane, next.size());
            lane.loop.execute(() -> next.forEach(connection -> connection.capture(collecting.new Outcome())));
        }
    }

    /** Collects the outcomes of one batch on its event loop and brings them to the control loop together; stragglers come alone. */
    private final class Batch {
        private final Lane lane;
        private final List<Stopped> captured = new ArrayList<>();
        private final Map<LiveConnection, String> refused = new HashMap<>();
        private final long began = System.nanoTime();
        private int missing;
        private int ended;
        private int joined;
        private boolean reported;

        Batch(Lane lane, int size) {
            this.lane = lane;
            this.missing = size;
        }

        /** Hears about one connection, the last time perhaps long after its batch. */
        final class Outcome implements CaptureListener {
            private boolean counted;

            /** Whether the batch is still collecting; then what was said before about this connection does not count. */
            private boolean isEarly(LiveConnection connection) {
                if (!reported) {
                    refused.remove(connection);
                }
                return !reported;
            }

            private void resolved() {
                if (!counted) {
                    counted = true;
                    missing--;
                    if (missing == 0) {
                        reported = true;
                        control.execute(() -> collected(Batch.this));
                    }
                }
            }

            @Override
            public void captured(LiveConnection connection, Captured unit) {
                Stopped one = new Stopped(connection.channel(), unit);
                if (isEarly(connection)) {
                    captured.add(one);
                    resolved();
                } else {
                    control.execute(() -> straggler(lane, one));
                }
            }

            @Override
            public void notNow(LiveConnection connection, String reason) {
                if (isEarly(connection)) {
                    refused.put(connection, reason);
                    resolved();
                }
            }

            @Override
            public void notMovable(LiveConnection connection, String reason) {
                if (isEarly(connection)) {
                    refused.put(connection, reason);
                    resolved();
                } else {
                    control.execute(() -> keep(connection, reason));
                }
            }

            @Override
            public void movesWith(LiveConnection connection, LiveConnection leader) {
                if (isEarly(connection)) {
                    joined++;
                    resolved();
                } else {
                    control.execute(() -> kept.moves(connection.channel()));
                }
            }

            @Override
            public void closed(LiveConnection connection) {
                if (isEarly(connection)) {
                    ended++;
                    resolved();
                }
            }
        }
    }

    private void collected(Batch done) {
        done.refused.forEach(this::keep);
        journal.closed(done.ended);
        standing -= done.refused.size() + done.ended + done.joined;
        send(done.lane, done.captured, done.began);
        advance();
        checkPass();
    }

    private void keep(LiveConnection connection, String reason) {
        kept.keep(connection.channel(), reason, connection::forgetCapture);
        if (stopped) {
            connection.forgetCapture();
        }
    }

    private void straggler(Lane lane, Stopped one) {
        kept.moves(one.channel);
        standing++;
        send(lane, List.of(one), System.nanoTime());
    }

    /** Sends the units in frames that the successor accepts. */
    private void send(Lane lane, List<Stopped> units, long since) {
        if (stopped) {
            standing -= units.size();
            units.forEach(each -> each.captured.resume(OVER));
            return;
        }
        List<ConnectionUnit> frame = new ArrayList<>();
        long frameBytes = 0;
        for (Stopped each : units) {
            ConnectionUnit unit = each.captured.unit();
            long bytes = UnitSize.onWire(unit);
            inFlight.put(unit.id(), new InFlight(lane, each, UnitSize.pending(unit), since));
            if (!frame.isEmpty() && frameBytes + bytes > maxFrameBytes) {
                moves.send(frame);
                frame = new ArrayList<>();
                frameBytes = 0;
            }
            frame.add(unit.retain());
            frameBytes += bytes;
        }
        if (!frame.isEmpty()) {
            moves.send(frame);
        }
    }

    @Override
    public void release(List<Long> ids) {
        settle(ids, units -> ReleasedCopies.release(units, control), this::moved);
    }

    @Override
    public void resume(List<Long> ids, String reason) {
        settle(
                ids,
                units -> units.forEach(captured -> captured.resume(reason)),
                unit -> kept.keep(unit.stopped.channel, reason, () -> {}));
    }

    private void moved(InFlight unit) {
        journal.moved(1);
        journal.connectionBytes(unit.bytes);
        journal.pause((System.nanoTime() - unit.since) / 1000);
    }

    private void settle(List<Long> ids, Consumer<List<Captured>> how, Consumer<InFlight> account) {
        long oldest = Long.MAX_VALUE;
        int settled = 0;
        List<Captured> captured = new ArrayList<>(ids.size());
        for (Long id : ids) {
            InFlight unit = inFlight.remove(id);
            if (unit != null) {
                captured.add(unit.stopped.captured);
                account.accept(unit);
                oldest = Math.min(oldest, unit.since);
                settled++;
            }
        }
        standing -= settled;
        if (settled > 0) {
            pace.acknowledged(settled, System.nanoTime() - oldest);
        }
        how.accept(captured);
        advance();
        checkPass();
    }

    private void checkPass() {
        if (!passDone && !stopped && turns.isEmpty() && standing == 0) {
            passDone = true;
            UpgradeReport soFar = journal.report();
            moves.passDone(soFar.moved(), soFar.kept(), soFar.closed());
        }
    }
}
