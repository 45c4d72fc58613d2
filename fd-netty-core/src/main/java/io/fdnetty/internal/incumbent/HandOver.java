package io.fdnetty.internal.incumbent;

import io.fdnetty.Role;
import io.fdnetty.StateSection;
import io.fdnetty.UpgradePhase;
import io.fdnetty.UpgradeReport;
import io.fdnetty.fd.Descriptor;
import io.fdnetty.fd.SocketKind;
import io.fdnetty.internal.connection.TrackedConnection;
import io.fdnetty.internal.listener.Listener;
import io.fdnetty.internal.machine.IncumbentHost;
import io.fdnetty.internal.machine.IncumbentOutcome;
import io.fdnetty.internal.protocol.ListenerInfo;
import io.fdnetty.internal.protocol.Message;
import io.fdnetty.internal.protocol.SectionInfo;
import io.fdnetty.internal.protocol.SectionOutput;
import io.fdnetty.internal.protocol.UnitLimits;
import io.fdnetty.internal.report.ErrorText;
import io.fdnetty.internal.report.UpgradeJournal;
import io.fdnetty.internal.server.Server;
import io.fdnetty.internal.server.StateSections;
import io.fdnetty.internal.sys.Carrier;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One upgrade as the incumbent lives it: gives the protocol what this server has, and does to the server what the
 * protocol decided. On the control loop.
 */
final class HandOver implements IncumbentHost {
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(2);

    private final Server server;
    private final Owner owner;
    private final long generation;
    private final Message.Hello successor;
    private final UpgradeJournal journal;
    private @Nullable IncumbentDriver driver;
    private @Nullable Mover mover;
    private @Nullable Moves moves;
    private @Nullable KeptConnections kept;
    private @Nullable IncumbentOutcome outcome;
    private java.util.concurrent.@Nullable Future<?> saving;
    private boolean drained;

    /** Who hands over, one upgrade at a time. On the control loop. */
    interface Owner {
        /** The control listener, borrowed; null if there is none. */
        @Nullable
        Descriptor borrowListener();

        /** The successor serves, and the control socket is its. */
        void handedOver(UpgradeReport report);

        /** The upgrade is over, but connections may still drain here. */
        void over(HandOver handOver);

        /** Nothing is left of the upgrade here. */
        void ended(IncumbentOutcome outcome, UpgradeReport report);
    }

    HandOver(Server server, Owner owner, long generation, Message.Hello successor) {
        this.server = server;
        this.owner = owner;
        this.generation = generation;
        this.successor = successor;
        this.journal = new UpgradeJournal(Role.INCUMBENT, generation, server.events());
    }

    void drivenBy(IncumbentDriver protocol) {
        driver = protocol;
    }

    /**
     * Calls it off; what is not the successor's yet stays here.
     *
     * @return done when the successor's last words were read and the control connection is closed
     */
    Future<?> cancel(String reason) {
        if (driver == null) {
            return server.control().newSucceededFuture(null);
        }
        driver.cancel(reason);
        return driver.closed();
    }

    /** Done when the control connection is closed. */
    Future<?> closed() {
        return driver == null ? server.control().newSucceededFuture(null) : driver.closed();
    }

    /** The process ends: the successor takes over without waiting for what is not ready to move. */
    void stop(String reason) {
        if (driver != null) {
            driver.stop(reason);
        }
    }

    /** Whether the protocol has come to its end; connections may still drain. */
    boolean isOver() {
        return outcome != null;
    }

    /** Whether a successor serves. */
    boolean isHandedOver() {
        return outcome instanceof IncumbentOutcome.HandedOver;
    }

    /** The successor's process id, as it says. */
    long successor() {
        return successor.pid();
    }

    @Override
    public Message.Welcome welcome(int version, Descriptor lifeline) {
        int perMessage =
                Math.min(successor.descriptorsPerMessage(), Carrier.kernel().descriptorsPerMessage());
        return new Message.Welcome(version, ProcessHandle.current().pid(), generation, perMessage, lifeline);
    }

    @Override
    public Message.Listeners listeners() {
        List<ListenerInfo> all = new ArrayList<>();
        for (Listener listener : server.listeners().all()) {
            all.add(new ListenerInfo(
                    listener.name(),
                    listener.kind(),
                    String.valueOf(listener.address()),
                    listener.borrow(),
                    ListenerInfo.AUTHOR));
        }
        Descriptor control = owner.borrowListener();
        if (control != null) {
            String path = server.point().path().socket().toString();
            all.add(new ListenerInfo("control", SocketKind.UNIX_LISTENER, path, control, ListenerInfo.CONTROL));
        }
        return new Message.Listeners(all);
    }

    @Override
    public CompletionStage<?> sendState(Channel control, boolean finalState, Runnable progress) {
        List<StateSections.Named> sections = server.sections().of(finalState);
        return sections.isEmpty()
                ? CompletableFuture.completedStage(null)
                : saving(() -> send(control, sections, finalState, progress));
    }

    /** Can be interrupted, or a section that hangs would be in the way of every later upgrade. */
    private CompletionStage<?> saving(Runnable save) {
        CompletableFuture<@Nullable Void> result = new CompletableFuture<>();
        saving = server.stateExecutor().submit(() -> {
            try {
                save.run();
                result.complete(null);
            } catch (RuntimeException | Error e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }

    private void send(Channel control, List<StateSections.Named> sections, boolean finalState, Runnable progress) {
        for (StateSections.Named each : sections) {
            StateSection section = each.section();
            Message.StateBegin begin =
                    new Message.StateBegin(each.name(), section.version(), finalState, section.required());
            try {
                long bytes = SectionOutput.send(
                        control, begin, section::save, server.settings().readyWait(), progress);
                server.control().execute(() -> journal.stateBytes(bytes));
            } catch (IOException | RuntimeException e) {
                throw new IllegalStateException(
                        "state section \"" + each.name() + "\" could not be saved: " + ErrorText.of(e), e);
            }
        }
    }

    @Override
    public Message.Offer offer() {
        List<SectionInfo> finals = server.sections().of(true).stream()
                .map(each -> new SectionInfo(
                        each.name(), each.section().version(), each.section().required()))
                .toList();
        return new Message.Offer(server.live().open().size(), server.settings().isTogether(), finals);
    }

    @Override
    public CompletionStage<?> stopAccepting() {
        return server.settings().isTogether()
                ? server.listeners().stopAll()
                : server.listeners().haltAll().thenCompose(halted -> settled());
    }

    /** A connection that was accepted just now and whose event loop is busy moves when it is registered. */
    private CompletionStage<?> settled() {
        CompletableFuture<@Nullable Void> enough = new CompletableFuture<>();
        CompletionStage<Void> all = server.listeners().settled();
        server.whenDone(all, server.settings().loopWait(), () -> enough.complete(null));
        all.whenComplete((done, thrown) -> server.control().execute(this::offerLate));
        return enough;
    }

    private void offerLate() {
        if (mover instanceof RollingMover rolling) {
            rolling.add(List.copyOf(server.live().open()));
        }
    }

    @Override
    public void resumeAccepting(String reason) {
        server.listeners().resumeAll();
    }

    @Override
    public void stopConnections(Moves sink) {
        KeptConnections left = new KeptConnections(server.control(), journal);
        move(
                sink,
                left,
                new TogetherMover(server.control(), new UnitLimits(successor.maxPayload()), journal, left, sink));
    }

    @Override
    public void stopWaiting() {
        if (mover instanceof TogetherMover together) {
            together.stopWaiting();
        }
    }

    @Override
    public String unstopped() {
        return mover instanceof TogetherMover together ? together.unstopped() : "";
    }

    @Override
    public void moveConnections(Moves sink) {
        KeptConnections left = new KeptConnections(server.control(), journal);
        move(
                sink,
                left,
                new RollingMover(
                        server.control(),
                        server.settings().batch(),
                        new UnitLimits(successor.maxPayload()),
                        server.settings().loopWait().toMillis(),
                        journal,
                        left,
                        sink));
    }

    private void move(Moves sink, KeptConnections left, Mover how) {
        moves = sink;
        kept = left;
        mover = how;
        Collection<TrackedConnection> live = List.copyOf(server.live().open());
        keepOthers(live, left);
        how.start(live);
    }

    /** Connections that no movable handler was given to. */
    private void keepOthers(Collection<TrackedConnection> live, KeptConnections left) {
        Set<Channel> movable = live.stream().map(TrackedConnection::channel).collect(Collectors.toSet());
        for (Listener listener : server.listeners().all()) {
            listener.children().stream()
                    .filter(child -> !movable.contains(child))
                    .forEach(child -> left.keep(child, whyOther(child, listener), () -> {}));
        }
    }

    private static String whyOther(Channel child, Listener listener) {
        return child.isRegistered()
                ? "listener \"" + listener.name() + "\" has no movable handler"
                : RollingMover.NO_ANSWER;
    }

    @Override
    public void release(List<Long> ids) {
        if (mover != null) {
            mover.release(ids);
            tellDrained();
        }
    }

    @Override
    public void resume(List<Long> ids, String reason) {
        if (mover != null) {
            mover.resume(ids, reason);
            tellDrained();
        }
    }

    @Override
    public void roleHandedOver() {
        Drain.begin(server, this::drained);
        server.listeners().retireAll();
        if (kept != null) {
            kept.successorServes();
        }
        UpgradeReport report = journal.report();
        server.events().tell(listener -> listener.handedOver(report));
        owner.handedOver(report);
    }

    /** @param unanswered those that did not even close, since their event loop does not answer */
    private void drained(Collection<Channel> unanswered) {
        drained = true;
        KeptConnections left = kept;
        if (left != null) {
            unanswered.forEach(channel -> left.keep(channel, RollingMover.NO_ANSWER, () -> {}));
        }
        if (outcome != null) {
            finish(outcome);
        } else {
            tellDrained();
        }
    }

    /** A connection of an event loop that does not answer may still wait for the successor's. */
    private void tellDrained() {
        if (drained && outcome == null && moves != null && mover != null && mover.isSettled()) {
            moves.drained();
        }
    }

    @Override
    public void phase(UpgradePhase phase, String reason) {
        journal.enter(phase, reason);
    }

    @Override
    public void ended(IncumbentOutcome how) {
        outcome = how;
        if (saving != null) {
            saving.cancel(true);
        }
        if (mover != null) {
            mover.stop();
        }
        owner.over(this);
        if (drained || !(how instanceof IncumbentOutcome.HandedOver)) {
            finish(how);
        }
    }

    private void finish(IncumbentOutcome how) {
        if (how instanceof IncumbentOutcome.HandedOver) {
            server.whenDone(server.listeners().closeAll(), CLOSE_PATIENCE, () -> end(how));
        } else {
            end(how);
        }
    }

    /** A listener whose event loop does not answer is closed with the process. */
    private void end(IncumbentOutcome how) {
        owner.ended(how, how instanceof IncumbentOutcome.HandedOver ? lastReport() : journal.report());
    }

    private UpgradeReport lastReport() {
        long late = server.live().lateOperations();
        if (late > 0) {
            journal.note(
                    late + " writes, closes and events of this process came for connections that another one had taken"
                            + " over, and had no effect");
        }
        return journal.report();
    }
}
