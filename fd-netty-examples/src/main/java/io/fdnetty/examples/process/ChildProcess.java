package io.fdnetty.examples.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fdnetty.examples.ProgramException;
import io.fdnetty.examples.server.EventLine;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A running program whose events are read from its standard output; what else it says is kept for the message of a
 * failure.
 *
 * <p>Thread-safe. Its owner has to {@link #close} it.
 */
public final class ChildProcess implements AutoCloseable {
    private static final int KEPT_LINES = 200;
    private static final Duration GRACE = Duration.ofSeconds(3);

    /**
     * An event and when it arrived here.
     *
     * @param line what was printed
     * @param nanos of {@link System#nanoTime}
     */
    public record Event(EventLine line, long nanos) {}

    private final String name;
    private final Process process;
    private final long startedNanos = System.nanoTime();
    private final Consumer<String> log;
    private final Consumer<EventLine> hearer;
    private final List<Event> events = new ArrayList<>();
    private final Deque<String> output = new ArrayDeque<>();
    private int openStreams = 2;
    private volatile long exitedNanos;

    private ChildProcess(String name, Process process, Consumer<String> log, Consumer<EventLine> hearer) {
        this.name = name;
        this.process = process;
        this.log = log;
        this.hearer = hearer;
    }

    /**
     * Starts a program.
     *
     * @param name for messages
     * @param log hears every line that is no event, on a thread of the child's
     */
    public static ChildProcess start(String name, List<String> command, Consumer<String> log) {
        return start(name, command, log, event -> {});
    }

    /**
     * Starts a program.
     *
     * @param log hears every line that is no event, on a thread of the child's
     * @param hearer hears every event, on a thread of the child's
     */
    public static ChildProcess start(
            String name, List<String> command, Consumer<String> log, Consumer<EventLine> hearer) {
        try {
            ProcessBuilder builder = new ProcessBuilder(command);
            builder.environment().remove("JAVA_TOOL_OPTIONS"); // or every runtime would greet on standard error
            ChildProcess child = new ChildProcess(name, builder.start(), log, hearer);
            child.process.getOutputStream().close();
            child.daemon("end", child::awaitEnd);
            child.daemon("out", () -> child.readLines(child.process.getInputStream()));
            child.daemon("err", () -> child.readLines(child.process.getErrorStream()));
            return child;
        } catch (IOException e) {
            throw new ProgramException("cannot start the " + name + ": " + e.getMessage(), e);
        }
    }

    private void daemon(String kind, Runnable task) {
        Thread thread = new Thread(task, name + " " + kind);
        thread.setDaemon(true);
        thread.start();
    }

    /** In a thread of its own: {@link Process#onExit} needs one of the common pool, which may be busy. */
    private void awaitEnd() {
        try {
            process.waitFor();
            exited();
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts this thread", e);
        }
    }

    private void readLines(InputStream stream) {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(stream, UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                hear(line);
            }
        } catch (IOException e) {
            if (process.isAlive()) { // otherwise the end of the process closed the stream
                hear("(its output cannot be read: " + e.getMessage() + ")");
            }
        } finally {
            ended();
        }
    }

    private void hear(String line) {
        EventLine event = EventLine.parse(line).orElse(null);
        synchronized (this) {
            if (event != null) {
                events.add(new Event(event, System.nanoTime()));
            }
            output.add(line);
            if (output.size() > KEPT_LINES) {
                output.remove();
            }
            notifyAll();
        }
        if (event == null) {
            log.accept(line);
        } else {
            hearer.accept(event);
        }
    }

    private synchronized void ended() {
        openStreams--;
        notifyAll();
    }

    private synchronized void exited() {
        exitedNanos = System.nanoTime();
        notifyAll();
    }

    /** Waits for the first event of a name. */
    public Event await(String event, Duration limit) throws InterruptedException {
        return await(event, 1, limit);
    }

    /**
     * Waits for the n-th event of a name.
     *
     * @throws ProgramException when the time is over, or the program ended without it; the message holds its output
     */
    public Event await(String event, int nth, Duration limit) throws InterruptedException {
        return awaitAny(Set.of(event), nth, limit);
    }

    /** Waits for the n-th event that has one of these names; fails like {@link #await(String, int, Duration)}. */
    public synchronized Event awaitAny(Set<String> names, int nth, Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        for (; ; ) {
            List<Event> found = events(names);
            if (found.size() >= nth) {
                return found.get(nth - 1);
            }
            String missing = nth + ". event=" + String.join("|", names);
            if (openStreams == 0) {
                throw new ProgramException(describe("ended without " + missing));
            }
            if (!waitUntil(deadline)) {
                throw new ProgramException(describe("did not print " + missing + " in " + limit));
            }
        }
    }

    /** Waits until the output holds some text; returns the output. */
    public synchronized String awaitOutput(String text, Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!output().contains(text)) {
            if (openStreams == 0) {
                throw new ProgramException(describe("ended without saying: " + text));
            }
            if (!waitUntil(deadline)) {
                throw new ProgramException(describe("did not say in " + limit + ": " + text));
            }
        }
        return output();
    }

    /** Every event of a name up to now. */
    public List<Event> events(String event) {
        return events(Set.of(event));
    }

    private synchronized List<Event> events(Set<String> names) {
        return events.stream().filter(e -> names.contains(e.line().event())).toList();
    }

    /** Waits for the end of the program and of its output; returns the exit status. */
    public synchronized int awaitExit(Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (exitedNanos == 0 || openStreams > 0) {
            if (!waitUntil(deadline)) {
                throw new ProgramException(describe("did not end in " + limit));
            }
        }
        return process.exitValue();
    }

    /** Returns false if the deadline has passed. */
    @SuppressWarnings("WaitNotInLoop") // each caller loops
    private boolean waitUntil(long deadline) throws InterruptedException {
        long millis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime()) + 1;
        if (millis > 0 && deadline - System.nanoTime() > 0) {
            wait(millis);
            return true;
        }
        return false;
    }

    /** Sends a signal by its name without SIG, such as {@code STOP}. */
    public void signal(String signal) throws InterruptedException {
        try {
            Process kill = new ProcessBuilder("kill", "-" + signal, String.valueOf(pid()))
                    .redirectErrorStream(true)
                    .start();
            String answer = new String(kill.getInputStream().readAllBytes(), UTF_8);
            if (kill.waitFor() != 0) {
                throw new ProgramException("kill -" + signal + " of the " + name + ": " + answer.strip());
            }
        } catch (IOException e) {
            throw new ProgramException("cannot run kill: " + e.getMessage(), e);
        }
    }

    public String name() {
        return name;
    }

    public long pid() {
        return process.pid();
    }

    /** Whether it has ended and all that it said has been read. */
    public synchronized boolean hasEnded() {
        return exitedNanos != 0 && openStreams == 0;
    }

    /** The exit status of one that has ended. */
    public int exitStatus() {
        return process.exitValue();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** When it was started, by {@link System#nanoTime}. */
    public long startedNanos() {
        return startedNanos;
    }

    /** When it had ended, by {@link System#nanoTime}. */
    public long exitedNanos() {
        return exitedNanos;
    }

    /** The last lines that it printed, on either stream. */
    public synchronized String output() {
        return String.join(System.lineSeparator(), output);
    }

    private String describe(String what) {
        String end = process.isAlive() ? "" : " (exit status " + process.exitValue() + ")";
        String said = output.isEmpty() ? "it printed nothing" : "it printed:\n  " + String.join("\n  ", output);
        return "the " + name + ", pid " + pid() + ", " + what + end + "; " + said;
    }

    /** Ends the program: asks it to, and kills it if it does not listen. It has ended when this returns. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /** Kills the program and what it started. */
    public void kill() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
