package io.fdnetty;

import io.fdnetty.fd.Descriptor;
import io.fdnetty.internal.capture.Explainer;
import io.fdnetty.internal.connection.LiveConnections;
import io.fdnetty.internal.connection.MoveLimits;
import io.fdnetty.internal.control.ControlEnd;
import io.fdnetty.internal.control.ControlPath;
import io.fdnetty.internal.control.ControlPoint;
import io.fdnetty.internal.control.ControlSocket;
import io.fdnetty.internal.control.ControlThreads;
import io.fdnetty.internal.control.DescriptorReserve;
import io.fdnetty.internal.incumbent.Drain;
import io.fdnetty.internal.incumbent.Incumbent;
import io.fdnetty.internal.incumbent.SpawnedSuccessor;
import io.fdnetty.internal.listener.InheritedSockets;
import io.fdnetty.internal.listener.Listeners;
import io.fdnetty.internal.machine.SuccessorOutcome;
import io.fdnetty.internal.protocol.MessageLimits;
import io.fdnetty.internal.report.ErrorText;
import io.fdnetty.internal.report.ListenerNotifier;
import io.fdnetty.internal.report.UpgradeJournal;
import io.fdnetty.internal.server.HandoverClasses;
import io.fdnetty.internal.server.Server;
import io.fdnetty.internal.server.StateSections;
import io.fdnetty.internal.server.UpgradeSettings;
import io.fdnetty.internal.successor.Startup;
import io.fdnetty.internal.successor.Takeover;
import io.fdnetty.internal.sys.Carrier;
import io.fdnetty.internal.sys.NativeLibrary;
import io.fdnetty.internal.sys.OneLine;
import io.fdnetty.move.MoveExplanation;
import io.fdnetty.move.MoveOptions;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes a Netty server upgradable: takes over sockets, live connections and state from a running predecessor, and hands
 * them to a successor when one comes.
 *
 * <p>{@link UpgraderBuilder#build()} takes over from the process that listens on the control socket, or makes this one
 * the first. The author then binds the server with {@link #listener} as its channel factory, and says {@link #ready()}:
 * from there on this process serves, and before it nothing has changed for the predecessor. {@link #handedOver()} tells
 * when a successor has taken over and nothing is left here.
 *
 * <p>Thread-safe, but {@code build}, {@code ready} and {@code close} block and belong on the thread that starts the
 * server, never on an event loop.
 */
public final class Upgrader implements AutoCloseable {
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(Upgrader.class);

    final Server server;
    private final EventLoopGroup controlGroup;
    private final Incumbent incumbency;
    private final HandoverClasses classes = HandoverClasses.load();
    private final CompletableFuture<UpgradeReport> handedOver = new CompletableFuture<>();
    private final AtomicBoolean ready = new AtomicBoolean();
    private Startup.@Nullable Offered offered;
    private volatile @Nullable SpawnedSuccessor spawned;
    private volatile long generation;
    private volatile boolean closed;

    private Upgrader(Server server, EventLoopGroup controlGroup) {
        this.server = server;
        this.controlGroup = controlGroup;
        this.incumbency = new Incumbent(server, new AsIncumbent());
    }

    /** Begins with the path of the control socket, in a directory that only this user can write. */
    public static UpgraderBuilder builder(Path socket) {
        return new UpgraderBuilder(socket);
    }

    static Upgrader start(Path path, UpgradeSettings settings, StateSections sections, List<UpgradeListener> listeners)
            throws UpgradeException {
        if (NativeLibrary.unavailabilityCause() != null) {
            throw new UpgradeException(UpgradeStep.START, NativeLibrary.advice());
        }
        ControlPath rendezvous = ControlPath.at(path);
        Carrier.kernel(); // Linking the foreign calls takes a while: not on an event loop.
        EventLoopGroup group = ControlThreads.newControlGroup();
        DescriptorReserve reserve = new DescriptorReserve();
        reserve.fill();
        InheritedSockets inherited = new InheritedSockets();
        Listeners sockets = new Listeners(inherited);
        Server server = new Server(
                settings,
                sections,
                new ListenerNotifier(listeners, ControlThreads.newExecutor("fd-netty-events")),
                new ControlPoint(
                        rendezvous, new ControlSocket(group, settings.maxFrameBytes(), reserve), reserve, group.next()),
                ControlThreads.newExecutor("fd-netty-state"),
                sockets,
                new LiveConnections(sockets, new MoveLimits(settings.maxUnitBytes()), Explainer::log));
        Upgrader upgrader = new Upgrader(server, group);
        try {
            server.ownThreads().require(settings.stepWait());
            upgrader.offered = new Startup(
                            server,
                            inherited,
                            upgrader.incumbency::listen,
                            upgrader.incumbency::objection,
                            upgrader.new AsSuccessor())
                    .run();
            upgrader.warnIfNeverReady();
            if (!upgrader.tookOver()) {
                sockets.explainInUse(rendezvous::inUse);
            }
            return upgrader;
        } catch (UpgradeException | RuntimeException e) {
            upgrader.close();
            throw e;
        }
    }

    /** The predecessor of a successor that is never ready says so itself, and serves on. */
    private void warnIfNeverReady() {
        long limit = server.settings().readyWait().toMillis();
        if (offered == null) {
            server.control().schedule(() -> warnUnlessReady(limit), limit, TimeUnit.MILLISECONDS);
        }
    }

    private void warnUnlessReady(long millis) {
        if (!ready.get() && !closed) {
            logger.warn(
                    "{} ms after build() nothing has called upgrader.ready(): until then this process"
                            + " accepts no connection and cannot be upgraded",
                    millis);
        }
    }

    /**
     * A factory for a TCP listener: the inherited one of that name, or a new one. Each channel that it makes is one
     * listening socket; several may share a name (SO_REUSEPORT). It accepts from {@link #ready()} on.
     */
    public ChannelFactory<ServerChannel> listener(String name) {
        return server.listeners().tcp(MessageLimits.checkName(name));
    }

    /** Like {@link #listener}, for a unix domain listener. */
    public ChannelFactory<ServerChannel> unixListener(String name) {
        return server.listeners().unix(MessageLimits.checkName(name));
    }

    /** Like {@link #listener}, for a UDP socket. */
    public ChannelFactory<Channel> datagram(String name) {
        return server.listeners().udp(MessageLimits.checkName(name));
    }

    /**
     * Lets the connections of a listener move; they come back to life as if just accepted. The kind is the listener's
     * name.
     */
    public ChannelHandler movable(String listener, ChannelHandler childHandler) {
        return movable(listener, childHandler, MoveOptions.asAccepted());
    }

    /** Lets the connections of a listener move in the way of the options. */
    public ChannelHandler movable(String listener, ChannelHandler childHandler, MoveOptions options) {
        return server.live().movable(listener, childHandler, options);
    }

    /**
     * Explains whether the connection of this channel would move now, and everything that is in its way, with the line
     * to add: for tests, or an operator. Any thread, which waits for the channel's event loop.
     *
     * @throws IllegalStateException if the event loop does not answer for ten seconds
     */
    public MoveExplanation explain(Channel channel) {
        return Explainer.of(channel);
    }

    /**
     * Lets connections move that this server opens itself: what to give to {@code Bootstrap.handler}. Each moves by
     * itself, or with the accepted connection that it is {@linkplain io.fdnetty.LinkedConnections linked} to. The old
     * process does not wait for those that stay; it closes them when it has drained.
     *
     * <p>An arriving one has no parent, and the options of the bootstrap were never set on it: the handler sets what it
     * needs on the channel's configuration.
     *
     * @param kind names these connections, the same in both versions of the program; not the name of a listener whose
     *     connections move
     * @param group where those arrive that are linked to none; the others join their leader's event loop
     */
    public ChannelHandler outbound(String kind, EventLoopGroup group, ChannelHandler handler, MoveOptions options) {
        return server.live().outbound(kind, group, handler, options);
    }

    /**
     * Says that the server is set up: it accepts when this returns. With a predecessor, that one has stopped accepting
     * and its live connections follow now. Blocks, bounded by the deadlines of the protocol.
     *
     * <p>It waits for every {@code bind()} that is under way, within the step timeout. What may fail to bind without
     * harm is bound afterwards, or tried again under the same name.
     *
     * @return this
     * @throws UpgradeException if a listener is not bound, a thread cannot be started, or the predecessor did not let
     *     go: it serves on, and this process must end
     * @throws IllegalStateException if it was said before, or this is closed; nothing has changed then
     */
    public Upgrader ready() throws UpgradeException {
        if (closed || !ready.compareAndSet(false, true)) {
            throw new IllegalStateException(closed ? "the upgrader is closed" : "ready() was called already");
        }
        awaitListeners();
        classes.await();
        Startup.Offered takingOver = offered;
        requireThreads();
        if (takingOver == null) {
            readyAlone();
        } else {
            takingOver.takeover().checkRoom();
            takingOver.driver().authorReady();
            SuccessorOutcome outcome = Startup.await(takingOver.takeover().cutover());
            if (outcome != null) {
                throw Startup.failure(outcome);
            }
        }
        return this;
    }

    /**
     * Like {@link #ready()}, for a main method: what makes it fail is one line on standard error and ends the process
     * with status 1, though event loops still run; and so does the predecessor if it takes its role back later, since
     * then this process serves no longer.
     *
     * @return this
     */
    public Upgrader readyOrExit() {
        try {
            ready();
        } catch (UpgradeException e) {
            throw Exit.because(e);
        }
        handedOver.whenComplete((report, thrown) -> {
            if (thrown instanceof UpgradeException e) {
                Exit.soon(e);
            }
        });
        return this;
    }

    private void awaitListeners() throws UpgradeException {
        long limit = server.settings().stepWait().toMillis();
        Startup.await(server.listeners().whenBound().completeOnTimeout(null, limit, TimeUnit.MILLISECONDS));
        String obstacle = server.listeners().whyNotBound();
        if (obstacle != null) {
            refuse(obstacle);
            throw new UpgradeException(UpgradeStep.BIND, obstacle);
        }
    }

    /** From here on connections may depend on each of these threads. */
    private void requireThreads() throws UpgradeException {
        try {
            server.ownThreads()
                    .addAll(server.listeners().loops())
                    .addAll(server.live().loops())
                    .require(server.settings().stepWait());
        } catch (UpgradeException e) {
            refuse(String.valueOf(e.getMessage()));
            throw e;
        }
    }

    private void readyAlone() {
        server.listeners().releaseAll();
        server.control().execute(() -> serve(1, new UpgradeJournal(Role.COLD_START, 1, server.events()).report()));
    }

    private void serve(long own, UpgradeReport report) {
        generation = own;
        incumbency.serve(own);
        server.events().tell(listener -> listener.serving(report));
    }

    /** Refuses to take over, before {@link #ready()}: the predecessor learns the reason and serves on. */
    public void refuse(String reason) {
        if (offered != null) {
            offered.driver().authorFailed(reason);
        }
    }

    /** Whether a predecessor handed over to this process. */
    public boolean tookOver() {
        return offered != null;
    }

    /** How many processes led to this one, itself included; 0 until it serves for good. */
    public long generation() {
        return generation;
    }

    /**
     * Starts the successor. The result completes when it serves, it or a process that it has started. It fails if that
     * ends or does not take over in time, or if a process that was started otherwise takes over instead; the started
     * one is then left alone.
     *
     * @param command the successor's command line; its output goes where the builder says
     */
    public CompletionStage<UpgradeReport> spawn(ProcessBuilder command) {
        CompletableFuture<UpgradeReport> result = new CompletableFuture<>();
        server.control()
                .execute(() -> incumbency.beFound(unfindable -> {
                    if (unfindable.isEmpty()) {
                        spawn(command, result);
                    } else {
                        result.completeExceptionally(new UpgradeException(UpgradeStep.START, unfindable));
                    }
                }));
        return result;
    }

    /**
     * The process that {@link #spawn} started last: for a server that stays as its parent, the first process of a
     * container say, and ends with its status.
     */
    public Optional<Process> spawned() {
        return Optional.ofNullable(spawned).map(SpawnedSuccessor::process);
    }

    private void spawn(ProcessBuilder command, CompletableFuture<UpgradeReport> result) {
        if (closed) {
            result.completeExceptionally(new UpgradeException(UpgradeStep.START, "this server is being closed"));
            return;
        }
        if (spawned != null && spawned.isPending()) {
            result.completeExceptionally(new UpgradeException(UpgradeStep.START, "a successor is starting already"));
            return;
        }
        server.point().reserve().lend(); // pipes to the child
        try {
            spawned = SpawnedSuccessor.start(command, server, result);
            result.whenComplete((serves, failed) -> server.control().execute(incumbency::leaveIfNobodyComes));
        } catch (IOException | OutOfMemoryError e) {
            result.completeExceptionally(
                    new UpgradeException(UpgradeStep.START, "the successor cannot be started: " + ErrorText.of(e), e));
        } finally {
            server.point().reserve().fill();
        }
    }

    /**
     * Completes when a successor has taken over and no connection is left here: the process should end. Completes
     * exceptionally with {@link UpgradeException} if this process took over but had to give the role back, and with
     * {@link java.util.concurrent.CancellationException} when it is {@linkplain #close() closed}. Stages that depend on
     * it see either in a {@link java.util.concurrent.CompletionException}.
     */
    public CompletionStage<UpgradeReport> handedOver() {
        return handedOver.minimalCompletionStage();
    }

    /**
     * Ends the part in upgrades, for a process that is about to end. If a successor is at work, or was
     * {@linkplain #spawn started} here, it takes over first: the upgrade goes on at once, what cannot move at once
     * stays, and this returns when everything else has moved. Should the upgrade fail meanwhile the successor finds
     * what it would find if this process had been killed. Without a successor the control socket is removed; a
     * predecessor that waits learns that this process does not take over.
     *
     * <p>Blocks, bounded by the deadlines of the protocol; this process serves as before meanwhile. What is left, and
     * the server's own channels, are the author's to close then. Does nothing if this is closed.
     *
     * @see #withdraw()
     */
    @Override
    public void close() {
        end(() -> incumbency.leave(() -> spawned != null && spawned.isPending()));
    }

    /**
     * Like {@link #close}, but calls an upgrade off that is under way: what the successor has not acknowledged stays
     * here, and the successor learns that it does not take over.
     */
    public void withdraw() {
        end(incumbency::withdraw);
    }

    private void end(Supplier<Future<?>> leave) {
        if (closed) {
            return;
        }
        closed = true;
        refuse("it was closed before it was ready");
        ControlEnd end = new ControlEnd(server.point(), controlGroup);
        try {
            end.leave(leave, incumbency::isLeaving);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        handedOver.cancel(false);
        end.shutDown();
    }

    private final class AsIncumbent implements Incumbent.Outcomes {
        private long successor;
        private boolean isSpawned;

        @Override
        public void begins(long pid) {
            successor = pid;
            isSpawned = spawned != null && spawned.started(pid);
        }

        @Override
        public void handedOver(UpgradeReport report) {
            if (spawned != null && isSpawned) {
                spawned.serves(report);
            } else if (spawned != null) {
                spawned.failed(UpgradeStep.START, "another process, pid " + successor + ", has taken over");
            }
        }

        @Override
        public void drained(UpgradeReport report) {
            server.events().tell(listener -> listener.drained(report));
            handedOver.complete(report);
        }

        @Override
        public void failed(UpgradeStep step, String reason) {
            server.events().tell(listener -> listener.upgradeFailed(step, reason));
            if (spawned != null && isSpawned) {
                spawned.failed(step, reason);
            }
        }
    }

    private final class AsSuccessor implements Takeover.Outcomes {
        @Override
        public void serving(long own, @Nullable Descriptor control, UpgradeReport report) {
            try (control) {
                if (control == null) {
                    throw new IOException("the predecessor passed none");
                }
                incumbency.listen(control);
            } catch (IOException e) {
                logger.error(
                        "There is no control socket, the next upgrade cannot find this process: {}", ErrorText.of(e));
            }
            serve(own, report);
        }

        @Override
        public void gaveUp(String why, UpgradeReport report) {
            String reason = OneLine.of(why);
            logger.error(
                    "The predecessor took its role back: {}. This process accepts no more and ends with its"
                            + " connections",
                    reason);
            server.whenDone(server.listeners().stopAll(), server.settings().loopWait(), () -> endAfter(reason));
            server.events().tell(listener -> listener.upgradeFailed(UpgradeStep.TAKEOVER, reason));
        }

        private void endAfter(String reason) {
            Drain.begin(
                    server,
                    unanswered -> server.whenDone(
                            server.listeners().closeAll(),
                            server.settings().loopWait(),
                            () -> handedOver.completeExceptionally(
                                    new UpgradeException(UpgradeStep.TAKEOVER, reason))));
            server.listeners().retireAll();
        }
    }
}
