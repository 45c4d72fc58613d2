package io.fdnetty.testsuite.load;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;

/**
 * Clients that work in rounds, each on a thread of its own, until they are told to finish. Its own methods belong to
 * one thread.
 */
final class Workers implements AutoCloseable {
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Running> running = new ArrayList<>();
    private volatile boolean finishing;

    /** One client. */
    interface Worker extends AutoCloseable {
        /** One round; it throws if anything is wrong. */
        void round() throws Exception;

        @Override
        void close() throws IOException;
    }

    private record Running(Class<?> kind, Future<?> future, AtomicLong rounds) {}

    void start(int count, IntFunction<Worker> factory) {
        for (int i = 0; i < count; i++) {
            Worker worker = factory.apply(i);
            AtomicLong rounds = new AtomicLong();
            running.add(new Running(worker.getClass(), threads.submit(() -> work(worker, rounds)), rounds));
        }
    }

    private Void work(Worker worker, AtomicLong rounds) throws Exception {
        try (worker) {
            do {
                worker.round();
                rounds.incrementAndGet();
            } while (!finishing);
        }
        return null;
    }

    /** Lets each finish its round; fails with the failure of the first that failed. */
    void finish(Duration limit) throws InterruptedException, TimeoutException {
        finishing = true;
        for (Running each : running) {
            try {
                each.future.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            } catch (ExecutionException e) {
                throw new AssertionError(
                        each.kind.getSimpleName() + " failed after " + each.rounds + " rounds", e.getCause());
            }
        }
    }

    long rounds(Class<? extends Worker> kind) {
        return running.stream()
                .filter(each -> each.kind.equals(kind))
                .mapToLong(each -> each.rounds.get())
                .sum();
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
