package io.fdnetty.testsuite.chaos;

import io.fdnetty.examples.ProgramException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;

/** Strikes at processes from outside, now and after a while. Used by one thread, which calls {@link #runDue}. */
final class Signals {
    private static final String OPEN_FILES = "Max open files";

    /** Something to do at a time of {@link System#nanoTime}. */
    private record Later(long due, Action action) {}

    /** What is done to a process that may have ended meanwhile. */
    interface Action {
        void run() throws InterruptedException;
    }

    private final PriorityQueue<Later> later = new PriorityQueue<>(Comparator.comparingLong(Later::due));

    void after(int millis, Action action) {
        later.add(new Later(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis), action));
    }

    /** Whether nothing is left to be done. */
    boolean isIdle() {
        return later.isEmpty();
    }

    void runDue() throws InterruptedException {
        for (Later next = later.peek(); next != null && next.due - System.nanoTime() <= 0; next = later.peek()) {
            later.remove();
            next.action.run();
        }
    }

    /** SIGSTOP, and SIGCONT after some time. */
    void stop(ChaosServer server, int millis) throws InterruptedException {
        signal(server, "STOP");
        after(millis, () -> signal(server, "CONT"));
    }

    private static void signal(ChaosServer server, String signal) throws InterruptedException {
        try {
            server.process().signal(signal);
        } catch (ProgramException ended) {
            if (server.process().isAlive()) {
                throw ended;
            }
        }
    }

    /** Lets a process have only so many more descriptors than it has, for some time. */
    void squeeze(ChaosServer server, int more, int millis) throws InterruptedException {
        limit(server, String.valueOf(Proc.descriptors(server.process().pid()).size() + more));
        after(millis, () -> limit(server, hardLimit(server)));
    }

    private static void limit(ChaosServer server, String files) throws InterruptedException {
        try {
            new ProcessBuilder(
                            "prlimit", "--pid", String.valueOf(server.process().pid()), "--nofile=" + files + ":")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new ProgramException("cannot run prlimit (of util-linux): " + e.getMessage(), e);
        }
    }

    private static String hardLimit(ChaosServer server) {
        Path limits = Path.of("/proc", String.valueOf(server.process().pid()), "limits");
        try {
            return Files.readAllLines(limits).stream()
                    .filter(line -> line.startsWith(OPEN_FILES))
                    .map(line -> line.substring(OPEN_FILES.length()).strip().split("\\s+", -1)[1])
                    .findAny()
                    .orElse("");
        } catch (IOException ended) {
            return "";
        }
    }
}
