package io.fdnetty.internal.successor;

import io.fdnetty.UpgradeException;
import io.fdnetty.UpgradePhase;
import io.fdnetty.UpgradeStep;
import io.fdnetty.channel.AncillarySocketChannel;
import io.fdnetty.internal.control.ControlPath;
import io.fdnetty.internal.control.PeerCheck;
import io.fdnetty.internal.control.SocketWatch;
import io.fdnetty.internal.listener.InheritedSockets;
import io.fdnetty.internal.machine.SuccessorOutcome;
import io.fdnetty.internal.report.ErrorText;
import io.fdnetty.internal.server.Server;
import io.netty.channel.ChannelFuture;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How a process comes to its role: it takes over from the predecessor that listens on the control socket, or is the
 * first and listens there itself. Blocks the author's thread; every wait is bounded.
 */
public final class Startup {
    private static final long LOCK_POLL_NANOS = 5_000_000;
    private static final long LOOK_NANOS = 50_000_000;
    private static final long COMES_BACK_NANOS = TimeUnit.SECONDS.toNanos(SocketWatch.PERIOD_SECONDS + 2);
    private static final int LOOKS = 10;
    private static final long FIRST_PAUSE_NANOS = 1_000_000;

    private final Server server;
    private final InheritedSockets inherited;
    private final Supplier<ChannelFuture> listener;
    private final IntFunction<@Nullable String> objections;
    private final Takeover.Outcomes outcomes;

    /** A takeover under way: the protocol has come to the author's turn. */
    public record Offered(Takeover takeover, SuccessorDriver driver) {}

    /**
     * Prepares a start.
     *
     * @param listener listens at the path, which does not exist then
     * @param objections says why a user may not be the predecessor, null if it may
     */
    public Startup(
            Server server,
            InheritedSockets inherited,
            Supplier<ChannelFuture> listener,
            IntFunction<@Nullable String> objections,
            Takeover.Outcomes outcomes) {
        this.server = server;
        this.inherited = inherited;
        this.listener = listener;
        this.objections = objections;
        this.outcomes = outcomes;
    }

    /**
     * Takes over as far as the author's turn, or listens.
     *
     * @return null if there was no predecessor: this process is the first and listens on the control socket
     */
    @Nullable
    public Offered run() throws UpgradeException {
        long began = System.nanoTime();
        long deadline = began + server.settings().stepWait().toNanos();
        while (true) {
            Offered offered = takeOver();
            if (offered != null) {
                return offered;
            }
            if (isComingBack(began)) {
                LockSupport.parkNanos(LOOK_NANOS);
                continue;
            }
            try (ControlPath.StartLock lock = server.point().path().tryLock()) {
                if (lock != null) {
                    return alone();
                }
            }
            if (System.nanoTime() - deadline > 0) {
                throw new UpgradeException(
                        UpgradeStep.START,
                        "another process that starts at "
                                + server.point().path().socket()
                                + ", or was stopped there and has not closed its listeners, makes no progress");
            }
            LockSupport.parkNanos(LOCK_POLL_NANOS);
        }
    }

    /** A server whose socket was removed makes it again when it looks the next time. */
    private boolean isComingBack(long began) {
        long waited = System.nanoTime() - began;
        return waited < COMES_BACK_NANOS
                && server.point().path().note().server().isPresent();
    }

    /** With the lock: nobody else is about to listen; somebody may have begun to. */
    private @Nullable Offered alone() throws UpgradeException {
        Offered offered = takeOver();
        if (offered == null) {
            listen();
        }
        return offered;
    }

    private void listen() throws UpgradeException {
        try {
            server.point().path().unlinkStale();
            await(listener.get());
            server.point().path().restrict();
        } catch (IOException e) {
            throw e instanceof UpgradeException known
                    ? known
                    : new UpgradeException(
                            UpgradeStep.LISTEN,
                            "cannot listen on " + server.point().path().socket() + ": " + ErrorText.of(e),
                            e);
        }
    }

    private @Nullable Offered takeOver() throws UpgradeException {
        Takeover takeover = new Takeover(server, inherited, outcomes);
        CompletableFuture<SuccessorDriver> driver = new CompletableFuture<>();
        ChannelFuture connected = server.point()
                .socket()
                .connect(server.point().path().socket(), channel -> {
                    SuccessorDriver created = new SuccessorDriver(
                            (AncillarySocketChannel) channel,
                            takeover,
                            server.settings().waits(),
                            server.stateExecutor());
                    driver.complete(created);
                    channel.pipeline().addLast(new PeerCheck(objections, takeover.offered()), created);
                });
        if (!connect(connected)) {
            return null;
        }
        SuccessorOutcome outcome = await(takeover.offered());
        if (outcome instanceof SuccessorOutcome.ColdStart || diedUnanswered(outcome)) {
            return null;
        }
        if (outcome != null) {
            throw failure(outcome);
        }
        return new Offered(takeover, driver.join());
    }

    private boolean diedUnanswered(@Nullable SuccessorOutcome outcome) throws UpgradeException {
        return outcome instanceof SuccessorOutcome.Unanswered && isNobodyThere();
    }

    /** A process that is killed closes its sockets one after the other; with many connections that takes its time. */
    private boolean isNobodyThere() throws UpgradeException {
        for (int look = 0; look < LOOKS; look++) {
            ChannelFuture connected =
                    server.point().socket().connect(server.point().path().socket(), channel -> {});
            if (!connect(connected)) {
                return true;
            }
            connected.channel().close();
            LockSupport.parkNanos(FIRST_PAUSE_NANOS << look);
        }
        return false;
    }

    /** False if nobody listens. */
    private boolean connect(ChannelFuture connected) throws UpgradeException {
        try {
            await(connected);
            return true;
        } catch (FileNotFoundException e) {
            return false;
        } catch (ConnectException e) {
            if (isRefused(e)) {
                return false;
            }
            throw cannotConnect(e);
        } catch (IOException e) {
            throw cannotConnect(e);
        }
    }

    /** ECONNREFUSED, which Netty tells by its text alone; the path, which is in the text too, does not count. */
    private boolean isRefused(ConnectException e) {
        String path = server.point().path().socket().toString();
        return String.valueOf(e.getMessage()).replace(path, "").contains("refused");
    }

    private UpgradeException cannotConnect(IOException e) {
        return new UpgradeException(
                UpgradeStep.CONNECT,
                "cannot connect to " + server.point().path().socket() + ": " + ErrorText.of(e),
                e);
    }

    /** What an end of the takeover means to the author. */
    public static UpgradeException failure(SuccessorOutcome outcome) {
        if (outcome instanceof SuccessorOutcome.Refused refused) {
            return new UpgradeException(
                    UpgradeStep.HELLO, "the predecessor refused (" + refused.code() + "): " + refused.reason());
        }
        if (outcome instanceof SuccessorOutcome.GaveUp gaveUp) {
            return servesOn(gaveUp.step(), gaveUp.reason());
        }
        if (outcome instanceof SuccessorOutcome.Unanswered unanswered) {
            return servesOn(UpgradePhase.AWAIT_WELCOME, unanswered.reason());
        }
        return new UpgradeException(UpgradeStep.START, outcome.toString());
    }

    private static UpgradeException servesOn(UpgradePhase step, String reason) {
        return new UpgradeException(UpgradeStep.of(step), reason + "; the predecessor serves on");
    }

    private static void await(ChannelFuture future) throws IOException {
        try {
            future.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UpgradeException(UpgradeStep.START, "interrupted", e);
        }
        Throwable cause = future.cause();
        if (cause instanceof IOException failed) {
            throw failed;
        }
        if (cause != null) {
            throw new IOException(cause);
        }
    }

    /** Waits for a future of the control loop, which the protocol's deadlines bound. */
    public static <T extends @Nullable Object> T await(CompletableFuture<T> future) throws UpgradeException {
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UpgradeException(UpgradeStep.START, "interrupted", e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            if (cause instanceof UpgradeException failed) {
                throw failed;
            }
            throw new UpgradeException(UpgradeStep.START, ErrorText.of(cause), cause);
        }
    }
}
