package io.fdnetty.testing;

import io.fdnetty.UpgradeListener;
import io.fdnetty.UpgradeReport;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Waits until a process serves for good, which is a moment after its predecessor knows that it has handed over.
 * Thread-safe.
 */
public final class Serving implements UpgradeListener {
    private static final long LIMIT_SECONDS = 10;

    private final CompletableFuture<UpgradeReport> report = new CompletableFuture<>();

    @Override
    public void serving(UpgradeReport serving) {
        report.complete(serving);
    }

    /** Its generation. */
    public long generation() throws Exception {
        return report.get(LIMIT_SECONDS, TimeUnit.SECONDS).generation();
    }
}
