package io.fdnetty.testkit;

import io.fdnetty.UpgradeException;
import io.fdnetty.UpgradeListener;
import io.fdnetty.UpgradeReport;
import io.fdnetty.Upgrader;
import io.fdnetty.UpgraderBuilder;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One generation of a server in this JVM: what would be a process. Owns the server and its upgrader. */
final class Generation<S extends AutoCloseable> implements AutoCloseable {
    private static final long LIMIT_SECONDS = 60;

    private final Upgrader upgrader;
    private final S server;

    private Generation(Upgrader upgrader, S server) {
        this.upgrader = upgrader;
        this.server = server;
    }

    /** Returns when it serves; on failure nothing of it is left, and a predecessor serves on. */
    static <S extends AutoCloseable> Generation<S> start(UpgraderBuilder builder, ServerStarter<S> starter)
            throws Exception {
        CompletableFuture<UpgradeReport> serving = new CompletableFuture<>();
        Upgrader upgrader = builder.listener(new UpgradeListener() {
                    @Override
                    public void serving(UpgradeReport report) {
                        serving.complete(report);
                    }
                })
                .build();
        Generation<S> generation;
        try {
            generation = new Generation<>(upgrader, starter.start(upgrader));
        } catch (Throwable e) {
            upgrader.refuse(String.valueOf(e.getMessage()));
            upgrader.close();
            throw e;
        }
        try {
            upgrader.ready();
            await(serving, "the new server did not begin to serve");
        } catch (Throwable e) {
            generation.close();
            throw e;
        }
        return generation;
    }

    S server() {
        return server;
    }

    Upgrader upgrader() {
        return upgrader;
    }

    /** Waits until nothing is left here. */
    UpgradeReport handedOver() throws UpgradeException, InterruptedException {
        return await(upgrader.handedOver(), "the old server still has connections, its drain deadline has passed");
    }

    private static UpgradeReport await(CompletionStage<UpgradeReport> stage, String otherwise)
            throws UpgradeException, InterruptedException {
        try {
            return stage.toCompletableFuture().get(LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError(otherwise + " after " + LIMIT_SECONDS + " s", e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() instanceof CompletionException wrapper ? wrapper.getCause() : e.getCause();
            if (cause instanceof UpgradeException failure) {
                throw failure;
            }
            throw new AssertionError("the upgrade failed: " + cause, cause);
        }
    }

    /** What the author's server throws is thrown as the cause of an unchecked exception. */
    @Override
    public void close() {
        upgrader.close();
        try {
            server.close();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            throw new IllegalStateException("the server cannot be closed: " + e, e);
        }
    }
}
