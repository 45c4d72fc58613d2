package io.fdnetty;

import io.netty.channel.ChannelFuture;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Looks now and then whether the control socket's file is still there, and makes it again where somebody swept it away, with its directory if need be; never over something that lies there instead. A server that nobody finds could not be upgraded any more.
 *
 * <p>On the control loop. A look is one call of stat(2).
 */
final class SocketWatch {
    static final long PERIOD_SECONDS = 5;
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(SocketWatch.class);

    private final ServerContext server;
    private final Supplier<ChannelFuture> listenAgain;
    private @Nullable Object file;
    private String said = "";

    /**
     * @param listenAgain listens at the path, which does not exist, in place of the listener before
     */
    SocketWatch(ServerContext server, Supplier<ChannelFuture> listenAgain) {
        this.server = server;
        this.listenAgain = listenAgain;
    }

    /** The file that is there is this server's. Looks as long as {@code wanted}. */
    void begin(BooleanSupplier wanted, Runnable look) {
        file = server.rendezvous().fileKey();
        server.control().schedule(() -> lookAndGoOn(wanted, look), PERIOD_SECONDS, TimeUnit.SECONDS);
    }

    private void lookAndGoOn(BooleanSupplier wanted, Runnable look) {
        if (wanted.getAsBoolean()) {
            look.run();
            server.control().schedule(() -> lookAndGoOn(wanted, look), PERIOD_SECONDS, TimeUnit.SECONDS);
        }
    }

    /** Whether something lies at the path that this server did not put there. */
    boolean isAnothers() {
        Object there = server.rendezvous().fileKey();
        return file != null && there != null && !there.equals(file);
    }

    /**
     * Makes the socket again if it is gone.
     *
     * @param then is told, on the control loop, why nobody can find this server now; empty if it is found
     */
    void look(Consumer<String> then) {
        Object there = server.rendezvous().fileKey();
        if (there == null) {
            restore(then);
        } else if (file == null || there.equals(file)) {
            file = there;
            said = "";
            then.accept("");
        } else {
            failed("something else lies there", then);
        }
    }

    /** With the lock of a cold start, which removes the file of a socket on which nobody listens. */
    private void restore(Consumer<String> then) {
        try {
            server.rendezvous().restoreDirectory();
            Rendezvous.StartLock lock = server.rendezvous().tryLock();
            if (lock == null) {
                failed("another process is just starting there", then);
            } else {
                listenAgain.get().addListener(bound -> {
                    try (lock) {
                        bound(bound.cause(), then);
                    }
                });
            }
        } catch (IOException | RuntimeException e) {
            failed(Reasons.of(e), then);
        }
    }

    private void bound(@Nullable Throwable failure, Consumer<String> then) throws IOException {
        if (failure != null) {
            failed(Reasons.of(failure), then);
            return;
        }
        server.rendezvous().restrict();
        file = server.rendezvous().fileKey();
        server.rendezvous().note().write();
        logger.warn(
                "Somebody removed the control socket {}; it is there again. Keep what cleans up away from it",
                server.rendezvous().socket());
        said = "";
        then.accept("");
    }

    private void failed(String why, Consumer<String> then) {
        if (!why.equals(said)) {
            said = why;
            logger.error(
                    "Somebody removed the control socket {}, and it cannot be made again: {}. No upgrade finds this server; it tries again every {} s",
                    server.rendezvous().socket(),
                    why,
                    PERIOD_SECONDS);
        }
        then.accept(
                "the control socket " + server.rendezvous().socket() + " was removed and cannot be made again: " + why);
    }
}
