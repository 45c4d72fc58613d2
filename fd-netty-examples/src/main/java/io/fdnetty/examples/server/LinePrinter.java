package io.fdnetty.examples.server;

import java.io.PrintStream;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Prints lines in order, on a thread of its own, and waits for each; but a pipe that is full and that nobody reads
 * holds a server up for a second in all, not for ever. Lines that do not fit behind it are lost.
 *
 * <p>Thread-safe. The thread is a daemon and ends when there is nothing to print.
 */
final class LinePrinter {
    private static final int MOST_WAITING = 1_000;
    private static final long PATIENCE_MILLIS = 1_000;

    private final PrintStream out;
    private final ThreadPoolExecutor printer = new ThreadPoolExecutor(
            1,
            1,
            PATIENCE_MILLIS,
            TimeUnit.MILLISECONDS,
            new ArrayBlockingQueue<>(MOST_WAITING),
            LinePrinter::daemon,
            new ThreadPoolExecutor.DiscardPolicy());
    private volatile boolean stuck;

    LinePrinter(PrintStream out) {
        this.out = out;
        printer.allowCoreThreadTimeOut(true);
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "event lines");
        thread.setDaemon(true);
        return thread;
    }

    void print(EventLine line) {
        Future<?> printed = printer.submit(() -> {
            line.print(out);
            stuck = false;
        });
        if (!stuck) {
            await(printed);
        }
    }

    private void await(Future<?> printed) {
        try {
            printed.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            stuck = true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }
}
