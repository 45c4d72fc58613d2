package io.fdnetty.examples.server;

import static java.util.Objects.requireNonNull;

import io.fdnetty.UpgradeException;
import io.fdnetty.UpgradeStep;
import io.fdnetty.Upgrader;
import io.fdnetty.UpgraderBuilder;
import io.fdnetty.examples.Failures;
import io.fdnetty.examples.NativeTransport;
import io.fdnetty.examples.ProgramException;
import io.fdnetty.examples.process.OsSignal;
import io.fdnetty.examples.process.OwnCommand;
import io.fdnetty.examples.process.Terminal;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * What all servers here have in common: they take over from a predecessor that runs with the same socket, hand over to
 * a successor, and tell each event on standard output.
 *
 * <p>SIGHUP starts the successor with the same command line, or ends the server ({@link Hangup}). SIGTERM and Ctrl-C
 * let a successor that is at work take over first; then they close the listeners, let the connections end
 * ({@link #sayGoodbye}), and close what is left at the drain deadline. After a hand-over the process ends, unless it is
 * a {@link StayingParent}.
 */
public abstract class ServerCommand implements Callable<Integer> {
    private static final long LOOPS_MILLIS = 200;
    private static final int HANGUP_STATUS = 128 + 1;

    private static final Logger logger = LoggerFactory.getLogger(ServerCommand.class);

    @Spec
    @SuppressWarnings("NullAway.Init") // injected by picocli
    private CommandSpec spec;

    @Option(
            names = "--upgrade",
            required = true,
            paramLabel = "SOCKET",
            description = "Where a successor meets this server: the path of a Unix socket in a directory that only you"
                    + " can write. Start the same line again to upgrade.")
    @SuppressWarnings("NullAway.Init") // injected by picocli
    private Path socket;

    @Option(
            names = "--drain",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description = "How long connections that cannot move may live on after an upgrade or a stop"
                    + " (default: ${DEFAULT-VALUE}).")
    private int drainSeconds;

    private Hangup hangup = Hangup.AUTO;

    @Option(
            names = "--hangup",
            paramLabel = "upgrade|exit|auto",
            defaultValue = "auto",
            description = "What SIGHUP means: start the successor, or end as at SIGTERM. auto: the end if it comes"
                    + " because the"
                    + " terminal has closed in whose foreground this server runs, or else an upgrade"
                    + " (default: ${DEFAULT-VALUE}).")
    void setHangup(String text) {
        try {
            hangup = Hangup.of(text);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    @Option(
            names = "--stay",
            description =
                    "Stay after a hand-over, as the parent of the successor and without a connection, and end with its"
                            + " status. The first process of a container does so anyway.")
    private boolean stay;

    private final OwnCommand command = OwnCommand.remember();
    private final ServerEvents events = new ServerEvents(System.out);
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final AtomicBoolean ended = new AtomicBoolean();
    private @Nullable StayingParent parent;

    /** Starts this program once more. */
    protected final ProcessBuilder again() {
        return parent().successor();
    }

    private StayingParent parent() {
        return requireNonNull(parent, "not called yet");
    }

    /** The name that both processes must share. */
    protected abstract String application();

    /** Adds what is special about this server to its upgrades, such as state sections. */
    protected void configure(UpgraderBuilder upgrades) {}

    /** Binds the listener; each connection must be given to {@link #track}. */
    protected abstract Channel bind(Upgrader upgrader, EventLoopGroup acceptors, EventLoopGroup workers)
            throws Exception;

    /** A connection lives in this process; it is told when the server is stopped. */
    protected final void track(Channel connection) {
        connections.add(connection);
    }

    @Override
    public final Integer call() throws Exception {
        Terminal terminal = Terminal.watch();
        parent = new StayingParent(command, socket, stay, () -> hangup.isEnd(terminal));
        EventLoopGroup acceptors = NativeTransport.eventLoops("accept", 1);
        EventLoopGroup workers = NativeTransport.eventLoops("work", 0);
        int status = ExitCode.SOFTWARE;
        try {
            serve(acceptors, workers);
            status = parent().stays() ? stay(acceptors, workers) : ExitCode.OK;
        } finally {
            end(status);
            endLoops(acceptors, workers);
        }
        return status;
    }

    private int stay(EventLoopGroup... groups) throws InterruptedException {
        endLoops(groups);
        events.staying();
        return parent().awaitEnd();
    }

    /** A runtime that exits waits 300 ms for threads in native code, which event loops are. */
    private static void endLoops(EventLoopGroup... groups) {
        for (EventLoopGroup group : groups) {
            try {
                group.shutdownGracefully(0, LOOPS_MILLIS, TimeUnit.MILLISECONDS);
            } catch (OutOfMemoryError noThread) {
                logger.debug("An event loop cannot even be started to be shut down", noThread);
            }
        }
        for (EventLoopGroup group : groups) {
            group.terminationFuture().awaitUninterruptibly(LOOPS_MILLIS);
        }
    }

    private void serve(EventLoopGroup acceptors, EventLoopGroup workers) throws Exception {
        try (Upgrader upgrader = start(acceptors, workers)) {
            events.awaitEnd(upgrader);
            upgrader.spawned().ifPresent(parent()::started);
        }
    }

    /** Returns when this process accepts connections. */
    private Upgrader start(EventLoopGroup acceptors, EventLoopGroup workers) throws Exception {
        Upgrader upgrader = null;
        try {
            UpgraderBuilder upgrades = Upgrader.builder(socket)
                    .name(application())
                    .version(version())
                    .drainTimeout(Duration.ofSeconds(drainSeconds))
                    .listener(parent())
                    .listener(events);
            configure(upgrades);
            upgrader = upgrades.build();
            start(upgrader, bind(upgrader, acceptors, workers));
            return upgrader;
        } catch (OutOfMemoryError e) {
            ProgramException failure = new ProgramException("out of memory or threads: " + e.getMessage(), e);
            giveUp(upgrader, failure);
            throw failure;
        } catch (Exception e) {
            giveUp(upgrader, e);
            throw e;
        }
    }

    /** A predecessor learns why, and serves on. */
    private void giveUp(@Nullable Upgrader upgrader, Exception cause) {
        String reason = Failures.describe(cause);
        if (cause instanceof UpgradeException failure) {
            events.upgradeFailed(failure.step(), reason);
        } else if (upgrader != null && upgrader.tookOver()) {
            events.upgradeFailed(UpgradeStep.BIND, reason);
        }
        if (upgrader != null) {
            upgrader.refuse(reason);
            upgrader.close();
        }
    }

    private void start(Upgrader upgrader, Channel listener) throws UpgradeException {
        Successor successor = new Successor(upgrader, this::again);
        if (!OsSignal.handle("HUP", () -> hungUp(successor))) {
            logger.warn("SIGHUP is not available here; to upgrade, start the same command line again");
        }
        events.listening(((InetSocketAddress) listener.localAddress()).getPort());
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(upgrader, listener), "stop"));
        upgrader.ready();
    }

    private void hungUp(Successor successor) {
        if (parent().hangupEnds()) {
            logger.info(
                    "SIGHUP ends this server: {}", hangup == Hangup.EXIT ? "--hangup exit" : "its terminal has closed");
            System.exit(HANGUP_STATUS);
        } else {
            successor.start();
        }
    }

    private static String version() {
        String version = ServerCommand.class.getPackage().getImplementationVersion();
        return version == null ? "unpackaged" : version;
    }

    /** Runs when the process is told to end; the process ends when this returns. */
    private void stop(Upgrader upgrader, Channel listener) {
        if (ended.get()) {
            return;
        }
        if (parent().stays()) {
            upgrader.withdraw(); // whoever ends the first process of a container ends them all
        } else {
            upgrader.close();
        }
        listener.close().awaitUninterruptibly();
        connections.forEach(connection -> connection.eventLoop().execute(() -> sayGoodbye(connection)));
        connections
                .newCloseFuture()
                .awaitUninterruptibly(Duration.ofSeconds(drainSeconds).toMillis());
        end(ExitCode.OK);
    }

    /**
     * The server is stopped and accepts no more: end this connection as soon as it may end. On its event loop. Unless
     * told otherwise: reads no more, writes what is owed, closes.
     */
    protected void sayGoodbye(Channel connection) {
        connection.config().setAutoRead(false);
        connection.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }

    private void end(int status) {
        if (ended.compareAndSet(false, true)) {
            events.exit(status);
        }
    }
}
