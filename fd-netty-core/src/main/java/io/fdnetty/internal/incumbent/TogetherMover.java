package io.fdnetty.internal.incumbent;

import io.fdnetty.UpgradeReport;
import io.fdnetty.internal.capture.Capture;
import io.fdnetty.internal.capture.CaptureListener;
import io.fdnetty.internal.capture.Captured;
import io.fdnetty.internal.connection.TrackedConnection;
import io.fdnetty.internal.machine.IncumbentHost;
import io.fdnetty.internal.protocol.ConnectionUnit;
import io.fdnetty.internal.protocol.UnitLimits;
import io.fdnetty.internal.protocol.UnitSize;
import io.fdnetty.internal.report.UpgradeJournal;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Collectors;

/**
 * Moves the live connections of an incumbent all or none: stops them on all event loops, takes them out when the last
 * one is stopped, and sends them when the last one is out.
 *
 * <p>These are two steps because the connections write to each other: a stopped one keeps what is written to it and
 * takes it along, one that is out does not. Everything but the capture itself runs on the control loop.
 */
final class TogetherMover implements Mover, CaptureListener {
    private static final String OVER = "the upgrade is over";
    private static final Awaited UNANSWERED = new Awaited("its event loop has not answered", false);

    private enum Step {
        /** They serve until they are stopped. */
        STOPPING,
        /** All are stopped, and leave their event loops. */
        TAKING_OUT,
        SENT,
        OVER
    }

    private final EventLoop control;
    private final UnitLimits limits;
    private final UpgradeJournal journal;
    private final KeptConnections kept;
    private final IncumbentHost.Moves moves;

    /** Those that the step in hand waits for, and why. */
    private final Map<TrackedConnection, Awaited> awaited = new LinkedHashMap<>();

    private final Map<TrackedConnection, Stopped> stopped = new LinkedHashMap<>();
    private final List<Out> out = new ArrayList<>();
    private final Map<Long, Out> sent = new HashMap<>();
    private Step step = Step.STOPPING;
    private boolean waiting = true;
    private int all;

    TogetherMover(
            EventLoop control,
            UnitLimits limits,
            UpgradeJournal journal,
            KeptConnections kept,
            IncumbentHost.Moves moves) {
        this.control = control;
        this.limits = limits;
        this.journal = journal;
        this.kept = kept;
        this.moves = moves;
    }

    /** @param saysNotNow whether it was asked and says "not now" */
    private record Awaited(String reason, boolean saysNotNow) {}

    private record Stopped(Runnable goOn, long since) {}

    private record Out(Captured captured, long since) {}

    @Override
    public void start(Collection<TrackedConnection> connections) {
        all = connections.size();
        connections.forEach(connection -> awaited.put(connection, UNANSWERED));
        Capture.startAll(connections, this);
        advance();
    }

    @Override
    public void stopped(TrackedConnection connection, Runnable goOn) {
        Stopped now = new Stopped(goOn, System.nanoTime());
        Runnable task = () -> {
            if (awaited.containsKey(connection)) {
                stopped.put(connection, now);
                settled(connection);
            } else {
                connection.forgetCapture();
            }
        };
        onControl(task, connection::forgetCapture);
    }

    @Override
    public void captured(TrackedConnection connection, Captured captured) {
        onControl(() -> isOut(connection, captured), () -> captured.resume(OVER));
    }

    /** @param ifClosed run if the upgrader was closed meanwhile: nobody settles a connection any more */
    private void onControl(Runnable task, Runnable ifClosed) {
        try {
            control.execute(task);
        } catch (RejectedExecutionException e) {
            ifClosed.run();
        }
    }

    private void isOut(TrackedConnection connection, Captured captured) {
        Stopped before = stopped.remove(connection);
        if (step == Step.OVER) {
            captured.resume(OVER);
            return;
        }
        long since = before == null ? System.nanoTime() : before.since;
        out.add(new Out(captured, since));
        String refusal = limits.refusal(captured.unit());
        if (refusal == null) {
            settled(connection);
        } else {
            failIfLeaving(connection, refusal);
        }
    }

    @Override
    public void notNow(TrackedConnection connection, String reason) {
        onControl(
                () -> {
                    failIfLeaving(connection, reason);
                    stopped.remove(connection);
                    awaited.put(connection, new Awaited(reason, true));
                    if (!waiting) {
                        leaveBehind(connection, reason);
                    }
                },
                connection::forgetCapture);
    }

    /** Those that say "not now" stay, from here on. */
    void stopWaiting() {
        waiting = false;
        Map.copyOf(awaited).forEach((connection, each) -> {
            if (each.saysNotNow) {
                leaveBehind(connection, each.reason);
            }
        });
    }

    private void leaveBehind(TrackedConnection connection, String reason) {
        connection.forgetCapture();
        kept.keep(connection.channel(), reason, () -> {});
        settled(connection);
    }

    @Override
    public void notMovable(TrackedConnection connection, String reason) {
        onControl(
                () -> {
                    kept.keep(connection.channel(), reason, () -> {});
                    failIfLeaving(connection, reason);
                    stopped.remove(connection);
                    settled(connection);
                },
                () -> {});
    }

    @Override
    public void movesWith(TrackedConnection connection, TrackedConnection leader) {
        onControl(
                () -> {
                    stopped.remove(connection);
                    settled(connection);
                },
                () -> {});
    }

    /** Others are out already: what this one writes to them from now on is lost. */
    private void failIfLeaving(TrackedConnection connection, String reason) {
        if (step == Step.TAKING_OUT && waiting) {
            step = Step.OVER;
            moves.failed("taking the connections out", connection + ": " + reason);
        }
    }

    @Override
    public void closed(TrackedConnection connection) {
        onControl(
                () -> {
                    journal.closed(1);
                    stopped.remove(connection);
                    settled(connection);
                },
                () -> {});
    }

    private void settled(TrackedConnection connection) {
        awaited.remove(connection);
        advance();
    }

    private void advance() {
        if (awaited.isEmpty() && step == Step.STOPPING) {
            step = Step.TAKING_OUT;
            takeOut();
        }
        if (awaited.isEmpty() && step == Step.TAKING_OUT) {
            step = Step.SENT;
            send();
        }
    }

    private void takeOut() {
        Map<EventLoop, List<Runnable>> byLoop = new LinkedHashMap<>();
        stopped.forEach((connection, each) -> {
            awaited.put(connection, UNANSWERED);
            byLoop.computeIfAbsent(connection.eventLoop(), loop -> new ArrayList<>())
                    .add(each.goOn);
        });
        byLoop.forEach((loop, tasks) -> loop.execute(() -> tasks.forEach(Runnable::run)));
    }

    private void send() {
        List<ConnectionUnit> units = new ArrayList<>(out.size());
        for (Out each : out) {
            sent.put(each.captured.unit().id(), each);
            units.add(each.captured.unit().retain());
        }
        out.clear();
        limits.frames(units).forEach(moves::send);
        UpgradeReport soFar = journal.report();
        moves.stopped(soFar.kept(), soFar.closed());
    }

    /** Which connections hold the others up, for people. */
    String unstopped() {
        Map<String, Long> reasons = awaited.values().stream()
                .collect(Collectors.groupingBy(Awaited::reason, TreeMap::new, Collectors.counting()));
        return awaited.size() + " of " + all + " connections did not stop in time: "
                + reasons.entrySet().stream()
                        .map(each -> each.getKey() + " (" + each.getValue() + ')')
                        .collect(Collectors.joining("; "));
    }

    @Override
    public void release(List<Long> ids) {
        List<Captured> released = new ArrayList<>(ids.size());
        long now = System.nanoTime();
        for (Out each : take(ids)) {
            journal.moved(1);
            journal.connectionBytes(UnitSize.pending(each.captured.unit()));
            journal.pause((now - each.since) / 1000);
            released.add(each.captured);
        }
        ReleasedCopies.release(released, control);
    }

    @Override
    public void resume(List<Long> ids, String reason) {
        bringBack(take(ids), reason);
    }

    private List<Out> take(List<Long> ids) {
        List<Out> taken = new ArrayList<>(ids.size());
        for (Long id : ids) {
            Out one = sent.remove(id);
            if (one != null) {
                taken.add(one);
            }
        }
        return taken;
    }

    private void bringBack(List<Out> units, String reason) {
        units.forEach(unit -> unit.captured.resume(reason));
    }

    @Override
    public boolean isSettled() {
        return sent.isEmpty();
    }

    @Override
    public void stop() {
        step = Step.OVER;
        awaited.keySet().forEach(TrackedConnection::forgetCapture);
        stopped.keySet().forEach(TrackedConnection::forgetCapture);
        bringBack(out, OVER);
        out.clear();
    }
}
