package io.fdnetty.migration;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Runs what may block in a thread of its own; the common pool may have only one. */
final class Background {
    private Background() {}

    static <T> CompletableFuture<T> supply(Supplier<T> task) {
        return CompletableFuture.supplyAsync(task, Background::start);
    }

    static CompletableFuture<Void> run(Runnable task) {
        return CompletableFuture.runAsync(task, Background::start);
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "background");
        thread.setDaemon(true);
        thread.start();
    }
}
