package io.fdnetty;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A successor that this process has started, from its start until it serves or fails. On the control loop, but for the start. */
final class Spawned {
    private final Process process;
    private final CompletableFuture<UpgradeReport> result;

    private Spawned(Process process, CompletableFuture<UpgradeReport> result) {
        this.process = process;
        this.result = result;
    }

    /**
     * Starts the process, which is ended again if it has not asked for the upgrade within the limit.
     *
     * @param result completed when the successor serves, or failed
     */
    static Spawned start(ProcessBuilder command, ServerContext server, CompletableFuture<UpgradeReport> result)
            throws IOException {
        Process process = command.start();
        Spawned spawned = new Spawned(process, result);
        process.onExit()
                .thenAccept(ended -> server.control()
                        .execute(() -> spawned.failed(
                                "start",
                                "the successor (pid " + ended.pid() + ") exited with status " + ended.exitValue()
                                        + " before it served")));
        Duration limit = server.settings().readyWait().plus(server.settings().stepWait());
        server.control().schedule(() -> spawned.tooLate(limit), limit.toMillis(), TimeUnit.MILLISECONDS);
        return spawned;
    }

    boolean isPending() {
        return !result.isDone();
    }

    void serves(UpgradeReport report) {
        result.complete(report);
    }

    void failed(String step, String reason) {
        result.completeExceptionally(new UpgradeException(step, reason));
    }

    private void tooLate(Duration limit) {
        if (isPending()) {
            process.destroyForcibly();
            failed(
                    "start",
                    "the successor (pid " + process.pid() + ") did not take over within " + limit.toSeconds()
                            + " s; it was ended");
        }
    }
}
