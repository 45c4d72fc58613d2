package io.fdnetty.testing;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Runs what may block in a thread of its own; the common pool may have only one. */
public final class Background {
    private Background() {}

    public static <T> CompletableFuture<T> supply(Supplier<T> task) {
        return CompletableFuture.supplyAsync(task, Background::start);
    }

    public static CompletableFuture<Void> run(Runnable task) {
        return CompletableFuture.runAsync(task, Background::start);
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "background");
        thread.setDaemon(true);
        thread.start();
    }
}
