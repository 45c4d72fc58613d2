package io.fdnetty.internal.listener;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** Small steps on event loops. */
final class EventLoops {
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(EventLoops.class);

    private EventLoops() {}

    /**
     * Runs a task on a loop, always as a task of its own and never inline: an I/O event that the loop has fetched
     * already has been handled when it runs.
     *
     * @return completes after the task, also if it threw or the loop has ended and takes no tasks
     */
    static CompletableFuture<Void> run(Executor loop, Runnable task) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        try {
            loop.execute(() -> {
                try {
                    task.run();
                } finally {
                    done.complete(null);
                }
            });
        } catch (RejectedExecutionException e) {
            done.complete(null);
        }
        return done;
    }

    static CompletableFuture<Void> all(List<? extends CompletionStage<?>> stages) {
        return CompletableFuture.allOf(
                stages.stream().map(CompletionStage::toCompletableFuture).toArray(CompletableFuture<?>[]::new));
    }

    /** The loop that the channel was given to, registered or not yet; null if there was none. */
    static @Nullable EventLoop of(Channel channel) {
        try {
            return channel.eventLoop();
        } catch (IllegalStateException e) {
            return null;
        }
    }

    static void closeQuietly(FileDescriptor fd) {
        try {
            fd.close();
        } catch (IOException e) {
            logger.warn("Closing {} failed", fd, e);
        }
    }
}
