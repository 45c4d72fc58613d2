package io.fdnetty.internal.incumbent;

import io.fdnetty.UpgradeReport;
import io.fdnetty.internal.capture.Captured;
import io.fdnetty.internal.connection.TrackedConnection;
import io.fdnetty.internal.machine.IncumbentHost;
import io.fdnetty.internal.protocol.ConnectionUnit;
import io.fdnetty.internal.protocol.UnitLimits;
import io.fdnetty.internal.protocol.UnitSize;
import io.fdnetty.internal.report.UpgradeJournal;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Moves the live connections of an incumbent in batches: while some wait for their acknowledgement the next are
 * captured, no more at once than the successor's {@link CaptureWindow} allows. An event loop that does not answer
 * delays its own connections only; one that the successor rejects is offered to it again a little later.
 *
 * <p>Everything but the capture itself runs on the control loop. A captured connection stays this mover's until it is
 * told to {@link #release} or {@link #resume} it.
 */
public final class RollingMover implements Mover {
    /** Why a connection stays whose event loop is busy with something else. */
    public static final String NO_ANSWER = "its event loop does not answer";

    private static final int MOST_BATCHES = 16;
    private static final long LEND_MILLIS = 20;
    private static final int MOST_OFFERS = 4;
    private static final long NEXT_OFFER_MILLIS = 1000;
    private static final String OVER = "the upgrade is over";
    private static final String LOOP_ENDED = "its event loop has ended";

    private final EventLoop control;
    private final int batch;
    private final UnitLimits limits;
    private final long patienceMillis;
    private final UpgradeJournal journal;
    private final KeptConnections kept;
    private final IncumbentHost.Moves moves;
    private final Map<EventLoop, Lane> lanes = new LinkedHashMap<>();
    private final Deque<Lane> turns = new ArrayDeque<>();
    private final CaptureWindow pace;
    private final Map<Long, InFlight> inFlight = new HashMap<>();
    private final Map<Long, Integer> offers = new HashMap<>();
    private final Set<TrackedConnection> known = new HashSet<>();
    private int standing;
    private int asked;
    private boolean passDone;
    private boolean stopped;

    /**
     * @param limits what the successor takes
     * @param patienceMillis how long the others wait for an event loop before they go on without it
     */
    RollingMover(
            EventLoop control,
            int batch,
            UnitLimits limits,
            long patienceMillis,
            UpgradeJournal journal,
            KeptConnections kept,
            IncumbentHost.Moves moves) {
        this.control = control;
        this.batch = batch;
        this.limits = limits;
        this.patienceMillis = patienceMillis;
        this.journal = journal;
        this.kept = kept;
        this.moves = moves;
        this.pace = new CaptureWindow(batch * MOST_BATCHES);
    }

    /** The connections of one event loop. */
    private final class Lane {
        final EventLoop loop;
        final Deque<TrackedConnection> waiting = new ArrayDeque<>();
        /** Batches that the event loop has not come to. */
        private int silent;
        /** Whether those that wait count as kept. */
        private boolean parked;

        Lane(EventLoop loop) {
            this.loop = loop;
        }

        void add(TrackedConnection connection) {
            waiting.add(connection);
            if (parked) {
                keep(connection, NO_ANSWER);
            }
            if (silent == 0 && !turns.contains(this)) {
                turns.add(this);
            }
        }

        void falls() {
            silent++;
            turns.remove(this);
        }

        /** Nobody waits any more for those that wait. */
        void park(String reason) {
            parked = true;
            waiting.forEach(connection -> keep(connection, reason));
        }

        void answers() {
            silent--;
            if (silent > 0) {
                return;
            }
            if (parked) {
                parked = false;
                waiting.removeIf(connection -> !kept.moves(connection.channel()));
            }
            if (!waiting.isEmpty() && !stopped) {
                turns.add(this);
            }
        }
    }

    private record InFlight(Lane lane, CaptureBatch.Stopped stopped, long bytes, long since) {}

    @Override
    public void start(Collection<TrackedConnection> connections) {
        add(connections);
        checkPass();
    }

    /** Moves those, too, that it does not know yet. */
    void add(Collection<TrackedConnection> connections) {
        for (TrackedConnection connection : connections) {
            if (!stopped && known.add(connection)) {
                kept.moves(connection.channel());
                lanes.computeIfAbsent(connection.eventLoop(), Lane::new).add(connection);
            }
        }
        advance();
    }

    @Override
    public void stop() {
        stopped = true;
        turns.clear();
        kept.forgetAll();
    }

    @Override
    public boolean isSettled() {
        return inFlight.isEmpty();
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
        List<TrackedConnection> next = new ArrayList<>(most);
        while (next.size() < most && !lane.waiting.isEmpty()) {
            next.add(lane.waiting.remove());
        }
        if (!next.isEmpty()) {
            new Asked(lane, next).begin();
        }
    }

    /** A batch that was asked for. On the control loop. */
    private final class Asked implements CaptureBatch.Collector {
        private final Lane lane;
        private final int size;
        private final CaptureBatch connections;
        private final long began = System.nanoTime();
        private @Nullable Future<?> patience;
        /** Whether its places are others' until it is reported. */
        private boolean lent;

        Asked(Lane lane, List<TrackedConnection> next) {
            this.lane = lane;
            this.size = next.size();
            this.connections = new CaptureBatch(lane.loop, control, next, this);
        }

        void begin() {
            standing += size;
            asked++;
            try {
                connections.post();
                patience = control.schedule(this::lend, LEND_MILLIS, TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                control.execute(() -> goOnWithout(LOOP_ENDED));
            }
        }

        private void lend() {
            patience =
                    control.schedule(() -> goOnWithout(NO_ANSWER), patienceMillis - LEND_MILLIS, TimeUnit.MILLISECONDS);
            if (!connections.hasBegun()) {
                lent = true;
                lane.falls();
                standing -= size;
                advance();
            }
        }

        private void goOnWithout(String reason) {
            CaptureBatch.Outcomes known = connections.cut();
            if (known == null) {
                return;
            }
            if (!lent) {
                lane.falls();
            }
            known.unanswered().forEach(connection -> keep(connection, reason));
            lane.park(reason);
            account(known);
        }

        @Override
        public void collected(CaptureBatch.Outcomes all) {
            if (patience != null) {
                patience.cancel(false);
            }
            if (lent) {
                lane.answers();
            }
            account(all);
        }

        private void account(CaptureBatch.Outcomes known) {
            asked--;
            standing += known.captured().size() - (lent ? 0 : size);
            known.refused().forEach(RollingMover.this::keep);
            journal.closed(known.ended());
            send(lane, known.captured(), began);
            advance();
            checkPass();
        }

        @Override
        public void late(CaptureBatch.Stopped one) {
            kept.moves(one.connection().channel());
            standing++;
            send(lane, List.of(one), System.nanoTime());
        }

        @Override
        public void stays(TrackedConnection connection, String reason) {
            keep(connection, reason);
        }

        @Override
        public void joined(TrackedConnection connection) {
            kept.moves(connection.channel());
        }

        @Override
        public void answered() {
            lane.answers();
            advance();
        }
    }

    private void keep(TrackedConnection connection, String reason) {
        kept.keep(connection.channel(), reason, connection::forgetCapture);
        if (stopped) {
            connection.forgetCapture();
        }
    }

    /** Sends the units in frames that the successor accepts. */
    private void send(Lane lane, List<CaptureBatch.Stopped> units, long since) {
        List<ConnectionUnit> sendable = new ArrayList<>(units.size());
        for (CaptureBatch.Stopped each : units) {
            ConnectionUnit unit = each.captured().unit();
            String refusal = stopped ? OVER : limits.refusal(unit);
            if (refusal == null) {
                inFlight.put(unit.id(), new InFlight(lane, each, UnitSize.pending(unit), since));
                sendable.add(unit.retain());
            } else {
                standing--;
                each.captured().resume(refusal);
                keep(each.connection(), refusal);
            }
        }
        limits.frames(sendable).forEach(moves::send);
    }

    @Override
    public void release(List<Long> ids) {
        List<InFlight> units = take(ids);
        long oldest = units.stream().mapToLong(InFlight::since).min().orElse(0);
        if (!units.isEmpty()) {
            pace.acknowledged(units.size(), System.nanoTime() - oldest);
        }
        units.forEach(this::moved);
        settle(units, captured -> ReleasedCopies.release(captured, control));
    }

    private void moved(InFlight unit) {
        journal.moved(1);
        journal.connectionBytes(unit.bytes);
        journal.pause((System.nanoTime() - unit.since) / 1000);
    }

    @Override
    public void resume(List<Long> ids, String reason) {
        List<InFlight> units = take(ids);
        units.forEach(unit -> kept.keep(unit.stopped.connection().channel(), reason, () -> {}));
        settle(units, captured -> captured.forEach(each -> each.resume(reason)));
        units.forEach(this::offerAgain);
    }

    /** What kept the successor from taking it may pass: an event loop that was busy, a lack of descriptors. */
    private void offerAgain(InFlight unit) {
        int tries = offers.merge(unit.stopped.captured().unit().id(), 1, Integer::sum);
        if (tries < MOST_OFFERS) {
            control.schedule(() -> ask(unit), NEXT_OFFER_MILLIS << (tries - 1), TimeUnit.MILLISECONDS);
        }
    }

    private void ask(InFlight unit) {
        TrackedConnection connection = unit.stopped.connection();
        if (!stopped && kept.moves(connection.channel())) {
            unit.lane.add(connection);
            advance();
        }
    }

    private List<InFlight> take(List<Long> ids) {
        List<InFlight> taken = new ArrayList<>(ids.size());
        for (Long id : ids) {
            InFlight unit = inFlight.remove(id);
            if (unit != null) {
                taken.add(unit);
            }
        }
        return taken;
    }

    private void settle(List<InFlight> units, Consumer<List<Captured>> how) {
        standing -= units.size();
        how.accept(units.stream().map(unit -> unit.stopped.captured()).toList());
        advance();
        checkPass();
    }

    private void checkPass() {
        if (!passDone && !stopped && turns.isEmpty() && asked == 0 && standing == 0) {
            passDone = true;
            UpgradeReport soFar = journal.report();
            moves.passDone(soFar.moved(), soFar.kept(), soFar.closed());
        }
    }
}
