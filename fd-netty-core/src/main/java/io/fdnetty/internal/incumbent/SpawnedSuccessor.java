package io.fdnetty.internal.incumbent;

import io.fdnetty.UpgradeException;
import io.fdnetty.UpgradeReport;
import io.fdnetty.UpgradeStep;
import io.fdnetty.internal.server.OwnPorts;
import io.fdnetty.internal.server.Server;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * A successor that this process has started, from its start until it serves or fails. On the control loop, but for the
 * start.
 */
public final class SpawnedSuccessor {
    private final Process process;
    private final CompletableFuture<UpgradeReport> result;

    private SpawnedSuccessor(Process process, CompletableFuture<UpgradeReport> result) {
        this.process = process;
        this.result = result;
    }

    /**
     * Starts the process, which is ended again if it has not asked for the upgrade within the limit.
     *
     * @param result completed when the successor serves, or failed
     */
    public static SpawnedSuccessor start(ProcessBuilder command, Server server, CompletableFuture<UpgradeReport> result)
            throws IOException {
        Process process = command.start();
        SpawnedSuccessor spawned = new SpawnedSuccessor(process, result);
        String hint = OwnPorts.hint(command);
        Thread end = new Thread(() -> spawned.awaitEnd(server, hint), "fd-netty successor " + process.pid());
        end.setDaemon(true);
        try {
            end.start();
        } catch (OutOfMemoryError e) {
            process.destroyForcibly(); // nobody would learn of its end
            throw e;
        }
        Duration limit = server.settings().readyWait().plus(server.settings().stepWait());
        server.control().schedule(() -> spawned.tooLate(limit), limit.toMillis(), TimeUnit.MILLISECONDS);
        return spawned;
    }

    /**
     * In a thread of its own: {@link Process#onExit} needs one of the common pool, all of which the author may have
     * blocked.
     */
    private void awaitEnd(Server server, String hint) {
        try {
            int status = process.waitFor();
            server.control()
                    .execute(() -> failed(
                            UpgradeStep.START,
                            "the successor (pid " + process.pid() + ") exited with status " + status
                                    + " before it served" + hint));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RejectedExecutionException e) {
            // the event loops have ended: this server handed over, or closed
        }
    }

    /** Any thread. */
    public Process process() {
        return process;
    }

    /** Whether the process of this id, which is alive, is the one that was started, or was started by it. */
    public boolean started(long pid) {
        Optional<ProcessHandle> candidate = ProcessHandle.of(pid);
        while (candidate.isPresent() && candidate.get().pid() != process.pid()) {
            candidate = candidate.get().parent();
        }
        return candidate.isPresent();
    }

    public boolean isPending() {
        return !result.isDone();
    }

    public void serves(UpgradeReport report) {
        result.complete(report);
    }

    public void failed(UpgradeStep step, String reason) {
        result.completeExceptionally(new UpgradeException(step, reason));
    }

    private void tooLate(Duration limit) {
        if (isPending()) {
            process.destroyForcibly();
            failed(
                    UpgradeStep.START,
                    "the successor (pid " + process.pid() + ") did not take over within " + limit.toSeconds()
                            + " s; it was ended");
        }
    }
}
