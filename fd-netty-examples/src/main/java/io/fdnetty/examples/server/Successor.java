package io.fdnetty.examples.server;

import io.fdnetty.UpgradeReport;
import io.fdnetty.Upgrader;
import io.fdnetty.examples.Failures;
import io.fdnetty.examples.ProgramException;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts this program again, with the same command line and the same standard streams, so that it takes over.
 * Thread-safe.
 */
public final class Successor {
    private static final Logger logger = LoggerFactory.getLogger(Successor.class);

    private final Upgrader upgrader;
    private final Supplier<ProcessBuilder> command;

    /** @param command makes the command line of a successor */
    public Successor(Upgrader upgrader, Supplier<ProcessBuilder> command) {
        this.upgrader = upgrader;
        this.command = command;
    }

    /** A failure is one line in the log, and this process serves on. */
    public void start() {
        try {
            upgrader.spawn(command.get()).whenComplete(Successor::ended);
        } catch (ProgramException e) {
            ended(null, e);
        }
    }

    private static void ended(@Nullable UpgradeReport report, @Nullable Throwable failure) {
        if (failure != null) {
            Throwable cause =
                    failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
            logger.error(
                    "The upgrade that SIGHUP asked for failed: {}; this process goes on", Failures.describe(cause));
        }
    }
}
