package io.fdnetty.internal.incumbent;

import io.fdnetty.UpgradeException;
import io.fdnetty.UpgradeReport;
import io.fdnetty.UpgradeStep;
import io.fdnetty.channel.AncillarySocketChannel;
import io.fdnetty.fd.Descriptor;
import io.fdnetty.internal.control.AllowedUsers;
import io.fdnetty.internal.control.ControlPath;
import io.fdnetty.internal.control.HelloHandler;
import io.fdnetty.internal.control.SocketWatch;
import io.fdnetty.internal.machine.IncumbentOutcome;
import io.fdnetty.internal.protocol.Message;
import io.fdnetty.internal.protocol.RefusalCode;
import io.fdnetty.internal.server.CodeFiles;
import io.fdnetty.internal.server.Server;
import io.fdnetty.internal.sys.OneLine;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.unix.UnixChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * This process as the server of its clients: it listens on the control socket and hands itself over to one successor at
 * a time. On the control loop.
 */
public final class Incumbent implements HelloHandler.House, HandOver.Owner {
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(Incumbent.class);
    private static final int PLACES = 64;
    private static final long LAST_LOOK_MILLIS = 20;
    private static final String STOPPED = "the incumbent was stopped";
    private static final long ONE_LINE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Server server;
    private final Outcomes outcomes;
    private final AllowedUsers admission;
    private final SocketWatch watch;
    private final CodeFiles code = CodeFiles.now();
    private @Nullable Channel listener;
    private @Nullable HandOver current;
    private volatile @Nullable Leaving leaving;
    private long generation;
    private int places = PLACES;
    private int turnedAway;
    private long lastLine;
    private boolean over;
    private boolean withdrawn;

    /**
     * The end of this process, asked for by its operator.
     *
     * @param done completes when nobody needs this process any more
     */
    private record Leaving(Promise<@Nullable Void> done, BooleanSupplier expectsSuccessor) {}

    /** Who learns how upgrades end; on the control loop. */
    public interface Outcomes {
        /** The process of this id asks for an upgrade; what follows is about this one, until it ends. */
        void begins(long pid);

        /** A successor serves. */
        void handedOver(UpgradeReport report);

        /** Nothing is left here. */
        void drained(UpgradeReport report);

        /** This process serves on. */
        void failed(UpgradeStep step, String reason);
    }

    public Incumbent(Server server, Outcomes outcomes) {
        this.server = server;
        this.outcomes = outcomes;
        this.watch = new SocketWatch(server.point(), this::listenAgain);
        this.admission =
                AllowedUsers.of(server.point().path().uid(), server.settings().users());
    }

    /** Listens at the path, which must not exist; until {@link #serve} everybody is told to come back later. */
    public ChannelFuture listen() {
        ChannelFuture bound =
                server.point().socket().listen(server.point().path().socket(), this::reception);
        listener = bound.channel();
        return bound;
    }

    /** Listens on the inherited control socket, which this takes over. */
    public ChannelFuture listen(Descriptor inherited) throws IOException {
        ChannelFuture registered = server.point().socket().listen(inherited, this::reception);
        listener = registered.channel();
        return registered;
    }

    private HelloHandler reception() {
        return new HelloHandler(this, server.settings().stepWait().toMillis());
    }

    /** From here on a successor may take over. */
    public void serve(long ownGeneration) {
        generation = ownGeneration;
        try {
            server.point().path().note().write();
        } catch (IOException e) {
            logger.debug("It cannot be noted who serves: {}", e.toString());
        }
        watch.begin(() -> !over && !withdrawn, () -> beFound(unfindable -> {}));
    }

    /**
     * Looks whether a successor would find this process, and mends it.
     *
     * @param then is told why not; empty if it would, or a successor has found it
     */
    public void beFound(Consumer<String> then) {
        if (generation == 0 || current != null || over || withdrawn) {
            then.accept("");
        } else {
            watch.look(then);
        }
    }

    /** A start that finds nobody here does not wait for this process. */
    private void forget() {
        try {
            server.point().path().note().clear();
        } catch (IOException e) {
            logger.debug("It cannot be noted that nobody serves: {}", e.toString());
        }
    }

    /** In place of the listener whose file is gone; who has connected to that one is not disturbed. */
    private ChannelFuture listenAgain() {
        Channel before = listener;
        return server.point()
                .socket()
                .listen(server.point().path().socket(), this::reception)
                .addListener((ChannelFuture bound) -> {
                    if (bound.isSuccess()) {
                        listener = bound.channel();
                        if (before != null) {
                            before.close();
                        }
                    }
                });
    }

    /** Stops listening; the socket file stays. */
    void stopListening() {
        over = true;
        if (listener != null) {
            listener.close();
        }
        forget();
    }

    /**
     * The process ends: a successor that is at work, or about to say HELLO, takes over first. Without one nobody finds
     * this process from here on.
     *
     * @param expectsSuccessor whether somebody was started who will say HELLO; {@link #leaveIfNobodyComes} when that
     *     has changed
     * @return done when a successor has what could move, or there is none
     */
    public Future<?> leave(BooleanSupplier expectsSuccessor) {
        Leaving now = new Leaving(server.control().newPromise(), expectsSuccessor);
        leaving = now;
        if (current == null) {
            server.control().schedule(this::leaveIfNobodyComes, LAST_LOOK_MILLIS, TimeUnit.MILLISECONDS);
        } else if (current.isOver()) {
            finish(now, current);
        } else {
            current.stop(STOPPED);
        }
        return now.done;
    }

    /** Whether {@link #leave} waits for a successor; any thread. */
    public boolean isLeaving() {
        Leaving now = leaving;
        return now != null && !now.done.isDone();
    }

    /** After {@link #leave}: a successor that was expected may not come. */
    public void leaveIfNobodyComes() {
        Leaving now = leaving;
        if (now == null || withdrawn || current != null) {
            return;
        }
        boolean comes = generation != 0 && !over && (places < PLACES || now.expectsSuccessor.getAsBoolean());
        if (!comes) {
            withdraw().addListener(decided -> now.done.trySuccess(null));
        }
    }

    private void finish(Leaving now, HandOver handOver) {
        server.point().reserve().end();
        handOver.closed().addListener(closed -> now.done.trySuccess(null));
    }

    /**
     * Nobody finds this process once this is done. A hand-over under way is called off first, which may show that the
     * role, and with it the socket file, is the successor's.
     *
     * @return done when that is decided and the socket file, if it is still this process's, is removed
     */
    public Future<?> withdraw() {
        withdrawn = true;
        Future<?> calledOff = current == null
                ? server.control().newSucceededFuture(null)
                : current.cancel("the incumbent is closing");
        server.point().reserve().end();
        Promise<@Nullable Void> left = server.control().newPromise();
        calledOff.addListener(decided -> {
            removeSocket();
            left.setSuccess(null);
        });
        return left;
    }

    /**
     * The file goes before the listener: whoever finds a file on which nobody listens removes it and puts its own
     * there.
     */
    private void removeSocket() {
        if (isListening()) {
            delayStarts();
            try {
                if (!watch.isAnothers()) {
                    server.point().path().unlink();
                }
            } catch (IOException e) {
                logger.warn(
                        "The control socket {} could not be removed: {}",
                        server.point().path().socket(),
                        e.toString());
            }
            stopListening();
        }
    }

    /** A process that starts from here on, and finds nobody, binds its listeners when this one has closed its own. */
    private void delayStarts() {
        try {
            ControlPath.StartLock lock =
                    generation == 0 ? null : server.point().path().tryLock();
            if (lock != null) {
                server.listeners().closed().whenComplete((closed, thrown) -> lock.release());
            }
        } catch (UpgradeException e) {
            logger.debug("Starts cannot be delayed until the listeners are closed", e);
        }
    }

    /** The control listener, borrowed. */
    @Override
    @Nullable
    public Descriptor borrowListener() {
        return listener instanceof UnixChannel channel ? Descriptor.borrow(channel.fd(), "control") : null;
    }

    boolean isListening() {
        return !over && listener != null && listener.isOpen();
    }

    @Override
    public @Nullable String objection(int uid) {
        return admission.objection(uid);
    }

    @Override
    public boolean takePlace() {
        if (places == 0) {
            return false;
        }
        places--;
        return true;
    }

    @Override
    public void leavePlace() {
        places++;
        if (current == null) {
            server.point().reserve().fill();
        }
        if (leaving != null) {
            server.control().execute(this::leaveIfNobodyComes); // it may have said HELLO
        }
    }

    @Override
    public void turnedAway() {
        turnedAway++;
        long now = System.nanoTime();
        if (lastLine == 0 || now - lastLine > ONE_LINE_NANOS) {
            logger.warn(
                    "Refused {} control connections: {} others already wait to say HELLO; this process serves on",
                    turnedAway,
                    PLACES);
            turnedAway = 0;
            lastLine = now;
        }
    }

    @Override
    public HelloHandler.@Nullable Refusal enter(ChannelHandlerContext ctx, Message.Hello hello) {
        if (over) {
            return new HelloHandler.Refusal(RefusalCode.NOT_READY, "this process has handed over already");
        }
        if (withdrawn) {
            return new HelloHandler.Refusal(RefusalCode.NOT_READY, "this process is closing");
        }
        if (generation == 0) {
            return new HelloHandler.Refusal(
                    RefusalCode.NOT_READY,
                    "this process, pid " + ProcessHandle.current().pid() + ", is itself still starting");
        }
        HandOver running = current;
        if (running != null) {
            return new HelloHandler.Refusal(RefusalCode.BUSY, "pid " + running.successor() + " is taking over already");
        }
        logger.info(
                "Upgrade requested by pid {}: {}",
                hello.pid(),
                OneLine.of(hello.application() + ' ' + hello.applicationVersion()));
        begin(ctx, hello);
        return null;
    }

    private void begin(ChannelHandlerContext ctx, Message.Hello hello) {
        outcomes.begins(pid(ctx, hello));
        HandOver handOver = new HandOver(server, this, generation, hello);
        current = handOver;
        IncumbentDriver driver = new IncumbentDriver(
                (AncillarySocketChannel) ctx.channel(),
                handOver,
                server.settings().waits(),
                server.settings().terms());
        handOver.drivenBy(driver);
        server.point().reserve().lend();
        ctx.pipeline().replace(ctx.handler(), null, driver);
        driver.start(hello);
        if (leaving != null) {
            handOver.stop(STOPPED);
        }
    }

    /** As the kernel knows it here; what the successor says is its number in its own namespace. */
    private static long pid(ChannelHandlerContext ctx, Message.Hello hello) {
        try {
            int pid = ((AncillarySocketChannel) ctx.channel()).peerCredentials().pid();
            return pid == 0 ? hello.pid() : pid;
        } catch (IOException e) {
            return hello.pid();
        }
    }

    /** The successor serves: this process leaves the control socket to it. */
    @Override
    public void handedOver(UpgradeReport report) {
        stopListening();
        server.point().reserve().end();
        outcomes.handedOver(report);
    }

    /** A hand-over is over, but connections may still drain here. */
    @Override
    public void over(HandOver handOver) {
        Leaving now = leaving;
        if (now != null && handOver.isHandedOver()) {
            finish(now, handOver);
        }
    }

    /** Nothing is left of a hand-over here. */
    @Override
    public void ended(IncumbentOutcome outcome, UpgradeReport report) {
        current = null;
        if (outcome instanceof IncumbentOutcome.HandedOver) {
            outcomes.drained(report);
        } else if (outcome instanceof IncumbentOutcome.Failed failed) {
            servesOn(UpgradeStep.of(failed.step()), failed.reason());
        } else if (outcome instanceof IncumbentOutcome.Refused refused) {
            servesOn(UpgradeStep.HELLO, refused.reason());
        }
        leaveIfNobodyComes();
    }

    private void servesOn(UpgradeStep step, String why) {
        String reason = OneLine.of(why) + code.hint();
        server.point().reserve().fill();
        logger.warn(
                "Upgrade failed in step {}: {}; this process (pid {}, generation {}) {}",
                step,
                reason,
                ProcessHandle.current().pid(),
                generation,
                leaving == null ? "serves on" : "was stopped and ends");
        outcomes.failed(step, reason);
    }
}
