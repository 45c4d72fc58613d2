package io.fdnetty.internal.control;

import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.Future;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How an upgrader ends its part on the control socket, and the loop under it. Blocks the author's thread; also where
 * the loop's thread never started.
 */
public final class ControlEnd {
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(ControlEnd.class);
    private static final long SECONDS = 5;

    private final ControlPoint point;
    private final EventLoopGroup loop;

    public ControlEnd(ControlPoint point, EventLoopGroup loop) {
        this.point = point;
        this.loop = loop;
    }

    /**
     * In this order: a hand-over's last words must be read before its connection is closed.
     *
     * @param leave begins the end, on the control loop
     * @param takesLonger whether it waits for something that has a bound of its own
     */
    public void leave(Supplier<Future<?>> leave, BooleanSupplier takesLonger) throws InterruptedException {
        CompletableFuture<@Nullable Void> left = new CompletableFuture<>();
        try {
            point.loop()
                    .execute(() -> leave.get()
                            .addListener(over ->
                                    point.socket().closeConnections().addListener(closed -> left.complete(null))));
        } catch (OutOfMemoryError noThread) {
            return; // nothing has begun
        }
        do {
            try {
                left.get(SECONDS, TimeUnit.SECONDS);
                return;
            } catch (ExecutionException | TimeoutException e) {
                logger.debug("The control socket is still open", e);
            }
        } while (takesLonger.getAsBoolean());
        logger.warn("The control socket did not close in time");
    }

    public void shutDown() {
        try {
            loop.shutdownGracefully(0, SECONDS, TimeUnit.SECONDS);
        } catch (OutOfMemoryError noThread) {
            logger.debug("The control loop was never started", noThread);
        }
    }
}
