package io.fdnetty.examples.demo;

import io.fdnetty.examples.ProgramException;
import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.examples.process.JavaRuntime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The generations of the server, each a process of its own, started with one and the same command line.
 *
 * <p>Thread-safe. {@link #close} ends every process and removes the directory of the socket; nothing can be started after it.
 */
final class ServerFleet implements AutoCloseable {
    private final Path directory;
    private final List<String> arguments;
    private final List<JavaRuntime> runtimes;
    private final Consumer<String> log;
    private final List<ChildProcess> generations = new ArrayList<>();
    private boolean closed;

    /**
     * @param runtimes the runtime of each generation, in rotation
     * @param log hears what the servers log
     */
    ServerFleet(List<JavaRuntime> runtimes, int drainSeconds, Consumer<String> log) throws IOException {
        this.runtimes = List.copyOf(runtimes);
        this.log = log;
        directory = Files.createTempDirectory("fd-netty-demo-"); // mode 0700
        arguments = List.of(
                "echo", "--port", "0", "--upgrade", socket().toString(), "--drain", String.valueOf(drainSeconds));
    }

    /** Where a successor meets the server. */
    Path socket() {
        return directory.resolve("echo.sock");
    }

    /** Starts the next generation. */
    synchronized ChildProcess startNext() {
        if (closed) {
            throw new ProgramException("the demonstration is being stopped");
        }
        int generation = generations.size() + 1;
        String name = "server " + generation;
        List<String> command = runtime(generation).program(arguments);
        ChildProcess child = ChildProcess.start(name, command, line -> log.accept(name + ": " + line));
        generations.add(child);
        return child;
    }

    /** The runtime of a generation, counted from 1. */
    JavaRuntime runtime(int generation) {
        return runtimes.get((generation - 1) % runtimes.size());
    }

    @Override
    public synchronized void close() {
        closed = true;
        generations.forEach(ChildProcess::close);
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(ServerFleet::delete);
        } catch (IOException | UncheckedIOException e) {
            log.accept("cannot remove " + directory + ": " + e.getMessage());
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
