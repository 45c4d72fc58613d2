package io.fdnetty;

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

/** How an upgrader ends its part on the control socket, and the loop under it. Blocks the author's thread; also where the loop's thread never started. */
final class ControlEnd {
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(ControlEnd.class);
    private static final long SECONDS = 5;

    private final ServerContext server;
    private final EventLoopGroup loop;

    ControlEnd(ServerContext server, EventLoopGroup loop) {
        this.server = server;
        this.loop = loop;
    }

    /**
     * In this order: a hand-over's last words must be read before its connection is closed.
     *
     * @param leave begins the end, on the control loop
     * @param takesLonger whether it waits for something that has a bound of its own
     */
    void leave(Supplier<Future<?>> leave, BooleanSupplier takesLonger) throws InterruptedException {
        CompletableFuture<@Nullable Void> left = new CompletableFuture<>();
        try {
            server.control()
                    .execute(() -> leave.get()
                            .addListener(over ->
                                    server.socket().closeConnections().addListener(closed -> left.complete(null))));
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

    void shutDown() {
        try {
            loop.shutdownGracefully(0, SECONDS, TimeUnit.SECONDS);
        } catch (OutOfMemoryError noThread) {
            logger.debug("The control loop was never started", noThread);
        }
    }
}
