package io.fdnetty.internal.control;

import io.fdnetty.internal.report.ErrorText;
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
 * Looks now and then whether the control socket's file is still there, and makes it again where somebody swept it away,
 * with its directory if need be; never over something that lies there instead. A server that nobody finds could not be
 * upgraded any more.
 *
 * <p>On the control loop. A look is one call of stat(2).
 */
public final class SocketWatch {
    public static final long PERIOD_SECONDS = 5;
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(SocketWatch.class);

    private final ControlPoint point;
    private final Supplier<ChannelFuture> listenAgain;
    private @Nullable Object file;
    private String said = "";

    /** @param listenAgain listens at the path, which does not exist, in place of the listener before */
    public SocketWatch(ControlPoint point, Supplier<ChannelFuture> listenAgain) {
        this.point = point;
        this.listenAgain = listenAgain;
    }

    /** The file that is there is this server's. Looks as long as {@code wanted}. */
    public void begin(BooleanSupplier wanted, Runnable look) {
        file = point.path().fileKey();
        point.loop().schedule(() -> lookAndGoOn(wanted, look), PERIOD_SECONDS, TimeUnit.SECONDS);
    }

    private void lookAndGoOn(BooleanSupplier wanted, Runnable look) {
        if (wanted.getAsBoolean()) {
            look.run();
            point.loop().schedule(() -> lookAndGoOn(wanted, look), PERIOD_SECONDS, TimeUnit.SECONDS);
        }
    }

    /** Whether something lies at the path that this server did not put there. */
    public boolean isAnothers() {
        Object there = point.path().fileKey();
        return file != null && there != null && !there.equals(file);
    }

    /**
     * Makes the socket again if it is gone.
     *
     * @param then is told, on the control loop, why nobody can find this server now; empty if it is found
     */
    public void look(Consumer<String> then) {
        Object there = point.path().fileKey();
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
            point.path().restoreDirectory();
            ControlPath.StartLock lock = point.path().tryLock();
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
            failed(ErrorText.of(e), then);
        }
    }

    private void bound(@Nullable Throwable failure, Consumer<String> then) throws IOException {
        if (failure != null) {
            failed(ErrorText.of(failure), then);
            return;
        }
        point.path().restrict();
        file = point.path().fileKey();
        point.path().note().write();
        logger.warn(
                "Somebody removed the control socket {}; it is there again. Keep what cleans up away from it",
                point.path().socket());
        said = "";
        then.accept("");
    }

    private void failed(String why, Consumer<String> then) {
        if (!why.equals(said)) {
            said = why;
            logger.error(
                    "Somebody removed the control socket {}, and it cannot be made again: {}. No upgrade"
                            + " finds this server; it tries again every {} s",
                    point.path().socket(),
                    why,
                    PERIOD_SECONDS);
        }
        then.accept("the control socket " + point.path().socket() + " was removed and cannot be made again: " + why);
    }
}
