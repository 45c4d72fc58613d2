package io.fdnetty.internal.successor;

import io.fdnetty.Role;
import io.fdnetty.StateSection;
import io.fdnetty.UpgradePhase;
import io.fdnetty.UpgradeReport;
import io.fdnetty.fd.Descriptor;
import io.fdnetty.fd.SocketKind;
import io.fdnetty.internal.arrival.Arrival;
import io.fdnetty.internal.arrival.JointStart;
import io.fdnetty.internal.arrival.UnitArrival;
import io.fdnetty.internal.listener.InheritedSockets;
import io.fdnetty.internal.machine.SuccessorHost;
import io.fdnetty.internal.machine.SuccessorOutcome;
import io.fdnetty.internal.protocol.ConnectionUnit;
import io.fdnetty.internal.protocol.ListenerInfo;
import io.fdnetty.internal.protocol.Message;
import io.fdnetty.internal.protocol.ProtocolVersion;
import io.fdnetty.internal.protocol.UnitSize;
import io.fdnetty.internal.report.UpgradeJournal;
import io.fdnetty.internal.server.Server;
import io.fdnetty.internal.server.UpgradeSettings;
import io.fdnetty.internal.sys.Carrier;
import io.fdnetty.internal.sys.OpenFiles;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One upgrade as the successor lives it: takes over what the predecessor sends and tells the author's thread when to go
 * on. On the control loop, but for the two futures.
 */
public final class Takeover implements SuccessorHost {
    private static final int LOOKS = 50;
    private static final long LOOK_MILLIS = 200;

    private final Server server;
    private final InheritedSockets inherited;
    private final Outcomes outcomes;
    private final Map<Long, Arrival> held = new HashMap<>();
    private final Set<String> missing = new LinkedHashSet<>();
    private final CompletableFuture<@Nullable SuccessorOutcome> offered = new CompletableFuture<>();
    private final CompletableFuture<@Nullable SuccessorOutcome> cutover = new CompletableFuture<>();
    private UpgradeJournal journal;
    private @Nullable Descriptor control;
    private long generation;
    private boolean accepting;
    private boolean together;
    private volatile long expected;

    /** Who learns how it ended; on the control loop. */
    public interface Outcomes {
        /** This process is the server; it takes over the inherited control socket, if there is one. */
        void serving(long generation, @Nullable Descriptor control, UpgradeReport report);

        /** After CUTOVER the predecessor took its role back; what was started here drains. */
        void gaveUp(String reason, UpgradeReport report);
    }

    Takeover(Server server, InheritedSockets inherited, Outcomes outcomes) {
        this.server = server;
        this.inherited = inherited;
        this.outcomes = outcomes;
        this.journal = new UpgradeJournal(Role.SUCCESSOR, 0, server.events());
        this.missing.addAll(server.sections().names());
    }

    /** Completes with null when the author may set up, or with the end that came first; on the control loop. */
    CompletableFuture<@Nullable SuccessorOutcome> offered() {
        return offered;
    }

    /** Completes with null when the listeners accept here, or with the end that came first; on the control loop. */
    public CompletableFuture<@Nullable SuccessorOutcome> cutover() {
        return cutover;
    }

    @Override
    public Message.Hello hello() {
        UpgradeSettings settings = server.settings();
        return new Message.Hello(
                ProtocolVersion.MIN,
                ProtocolVersion.MAX,
                settings.application(),
                settings.applicationVersion(),
                ProcessHandle.current().pid(),
                Carrier.kernel().descriptorsPerMessage(),
                settings.maxFrameBytes());
    }

    @Override
    public void welcomed(Message.Welcome welcome) {
        generation = welcome.generation() + 1;
        journal = new UpgradeJournal(Role.SUCCESSOR, generation, server.events());
    }

    @Override
    public void inherit(Message.Listeners listeners) throws IOException {
        for (ListenerInfo listener : listeners.all()) {
            SocketKind kind = listener.descriptor().kind();
            if (kind != listener.kind()) {
                throw new IOException(
                        "\"" + listener.name() + "\" was announced as " + listener.kind() + " but is " + kind);
            }
            boolean isControl = listener.role() == ListenerInfo.CONTROL;
            if (isControl && kind != SocketKind.UNIX_LISTENER) {
                throw new IOException("the control listener \"" + listener.name() + "\" is a " + kind);
            }
            Descriptor descriptor = Descriptor.adopt(listener.descriptor().take(), listener.name());
            prepare(kind, descriptor);
            if (isControl) {
                inheritControl(descriptor);
            } else {
                inherited.add(listener.name(), kind, listener.address(), descriptor);
            }
        }
    }

    /** What may fail because no descriptor is left fails now, while the predecessor serves. */
    private static void prepare(SocketKind kind, Descriptor descriptor) throws IOException {
        if (kind == SocketKind.OTHER) {
            return;
        }
        try {
            descriptor.makeNonBlocking();
        } catch (IOException e) {
            descriptor.close();
            throw e;
        }
    }

    private void inheritControl(Descriptor descriptor) {
        closeControl();
        control = descriptor;
    }

    private void closeControl() {
        if (control != null) {
            control.close();
            control = null;
        }
    }

    @Override
    public boolean knows(String section) {
        return server.sections().find(section) != null;
    }

    @Override
    public void load(Message.StateBegin begin, InputStream in) throws IOException {
        StateSection section = server.sections().find(begin.name());
        if (section != null) {
            section.load(begin.version(), in);
        }
    }

    @Override
    public void loaded(String section, long bytes) {
        missing.remove(section);
        journal.stateBytes(bytes);
    }

    @Override
    public void offered(Message.Offer offer) {
        expected = offer.connections();
        together = offer.together();
        offered.complete(null);
    }

    /**
     * Says so if more connections are to come than this process may hold; on the author's thread, when it has set up.
     */
    public void checkRoom() {
        OpenFiles files = OpenFiles.now();
        if (files != null && expected > files.room()) {
            String warning = "the predecessor has " + expected + " connections, but only " + files.room()
                    + " more descriptors fit into this process (" + files.open() + " of " + files.limit()
                    + " are open). What does not fit stays with the predecessor until its drain deadline. Raise the"
                    + " limit of open files: ulimit -n, or LimitNOFILE= of systemd";
            server.control().execute(() -> journal.note(warning));
        }
    }

    @Override
    public void acceptFromHere() {
        accepting = true;
        server.listeners().releaseAll();
        inherited
                .closeUnclaimed()
                .forEach(name ->
                        journal.note("nobody claimed the inherited descriptor \"" + name + "\"; it was closed"));
        cutover.complete(null);
    }

    @Override
    public void adopt(List<ConnectionUnit> units, Arrivals arrivals) {
        Map<Long, Arrival.Pending> late = new HashMap<>();
        for (ConnectionUnit unit : units) {
            long id = unit.id();
            long bytes = UnitSize.pending(unit);
            Arrival.Pending pending = UnitArrival.adopt(
                    server.live(),
                    unit,
                    arrival -> onControl(arrival, () -> {
                        late.remove(id);
                        arrived(arrival, bytes, arrivals);
                    }));
            late.put(id, pending);
        }
        server.control().schedule(() -> expire(late), arrivalMillis(), TimeUnit.MILLISECONDS);
    }

    /**
     * An event loop that is busy with something else: its connections stay with the predecessor, which does not wait
     * for longer.
     */
    private void expire(Map<Long, Arrival.Pending> late) {
        String reason = "its event loop in the new process has not come to it in " + arrivalMillis() + " ms";
        List.copyOf(late.values()).forEach(pending -> pending.expire(reason));
    }

    private long arrivalMillis() {
        return server.settings().arrivalWait(together).toMillis();
    }

    /** Nobody starts a connection any more once the upgrader is closed. */
    private void onControl(Arrival arrival, Runnable task) {
        try {
            server.control().execute(task);
        } catch (RejectedExecutionException e) {
            arrival.abandon();
        }
    }

    private void arrived(Arrival arrival, long bytes, Arrivals arrivals) {
        if (arrival.isAdopted()) {
            held.put(arrival.id(), arrival);
            journal.taken(arrival.id());
            journal.connectionBytes(bytes);
            arrivals.adopted(arrival.id());
        } else {
            arrivals.rejected(arrival.id(), arrival.rejection());
        }
    }

    @Override
    public void rejected(long id, String reason) {
        journal.rejected(id, reason);
    }

    @Override
    public void start(List<Long> ids) {
        List<Arrival> arrived = new ArrayList<>(ids.size());
        for (Long id : ids) {
            Arrival arrival = held.remove(id);
            if (arrival != null) {
                arrived.add(arrival);
            }
        }
        if (together && arrived.size() > 1) {
            JointStart.of(arrived, this::start);
        } else {
            arrived.forEach(this::start);
        }
        journal.moved(ids.size());
        long soFar = journal.movedSoFar();
        server.events().tell(listener -> listener.connectionsArrived(soFar));
    }

    private void start(Arrival arrival) {
        arrival.start(pause -> server.control().execute(() -> journal.pause(pause)));
    }

    @Override
    public void abandon(List<Long> ids) {
        for (Long id : ids) {
            Arrival arrival = held.remove(id);
            if (arrival != null) {
                arrival.abandon();
            }
        }
    }

    @Override
    public void serveAlone(String reason, List<String> lost) {
        missing.addAll(lost);
        journal.note("the predecessor is dead (" + reason + "); this process serves alone"
                + (missing.isEmpty() ? "" : ", without the state sections " + missing));
        offered.complete(null);
    }

    @Override
    public void serverNow() {
        Descriptor inheritedControl = control;
        control = null;
        outcomes.serving(generation, inheritedControl, journal.report());
        removeAbandoned(LOOKS);
    }

    /** The predecessor closes its copies of the listeners when it has read COMPLETE. */
    private void removeAbandoned(int looks) {
        if (!inherited.removeAbandoned() && looks > 0 && !server.control().isShuttingDown()) {
            server.control().schedule(() -> removeAbandoned(looks - 1), LOOK_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public void giveUp(String reason) {
        closeControl();
        if (accepting) {
            outcomes.gaveUp(reason, journal.report());
        }
    }

    @Override
    public void phase(UpgradePhase phase, String reason) {
        journal.enter(phase, reason);
    }

    @Override
    public void ended(SuccessorOutcome outcome) {
        if (!(outcome instanceof SuccessorOutcome.Serves || outcome instanceof SuccessorOutcome.ServesAlone)) {
            closeControl();
            inherited.closeUnclaimed();
        }
        offered.complete(outcome);
        cutover.complete(outcome);
    }
}
