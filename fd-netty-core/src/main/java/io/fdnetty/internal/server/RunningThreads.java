package io.fdnetty.internal.server;

import io.fdnetty.UpgradeException;
import io.fdnetty.UpgradeStep;
import io.fdnetty.internal.report.ErrorText;
import io.fdnetty.internal.sys.ThreadLimits;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * Shows that every thread on which an upgrade relies runs, before anybody relies on it: each executor starts its thread
 * and runs one task. A thread that cannot be started later would leave connections without an owner that reads.
 *
 * <p>Blocks, with a bound; on the thread that starts the server.
 */
public final class RunningThreads {
    private static final UpgradeStep STEP = UpgradeStep.THREADS;

    private final Map<Executor, String> executors = new LinkedHashMap<>();

    /** @param what names it in a message */
    RunningThreads add(Executor executor, String what) {
        executors.putIfAbsent(executor, what);
        return this;
    }

    public RunningThreads addAll(Map<? extends Executor, String> more) {
        more.forEach(this::add);
        return this;
    }

    /**
     * Returns when each has run a task.
     *
     * @throws UpgradeException step {@code threads}, if one cannot start its thread, or does not get to its task in
     *     time
     */
    public void require(Duration limit) throws UpgradeException {
        Map<String, CountDownLatch> started = new LinkedHashMap<>();
        int number = 0;
        for (Map.Entry<Executor, String> each : executors.entrySet()) {
            number++;
            String what = each.getValue() + " (" + number + " of " + executors.size() + " threads)";
            CountDownLatch ran = new CountDownLatch(1);
            start(each.getKey(), what, ran);
            started.put(what, ran);
        }
        long deadline = System.nanoTime() + limit.toNanos();
        for (Map.Entry<String, CountDownLatch> each : started.entrySet()) {
            await(each.getKey(), each.getValue(), deadline, limit);
        }
    }

    /** The runtime throws an Error where the kernel refuses a thread. */
    private static void start(Executor executor, String what, CountDownLatch ran) throws UpgradeException {
        try {
            executor.execute(ran::countDown);
        } catch (RuntimeException | OutOfMemoryError e) {
            String limits = ThreadLimits.describe();
            throw new UpgradeException(
                    STEP,
                    what + " cannot be started: " + ErrorText.of(e) + (limits.isEmpty() ? "" : "; " + limits)
                            + "; both processes need their threads during an upgrade: raise the limit",
                    e);
        }
    }

    private static void await(String what, CountDownLatch ran, long deadline, Duration limit) throws UpgradeException {
        try {
            if (!ran.await(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS)) {
                throw new UpgradeException(STEP, what + " has not run a task within " + limit.toMillis() + " ms");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UpgradeException(STEP, "interrupted", e);
        }
    }
}
