package io.fdnetty.examples.demo;

import io.fdnetty.examples.ProgramException;
import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.examples.process.JavaRuntime;
import io.fdnetty.examples.server.EventLine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The generations of the server, each a process of its own, started with one and the same command line.
 *
 * <p>Thread-safe. {@link #close} ends every process and removes the directory of the socket; nothing can be started
 * after it.
 */
public final class ServerFleet implements AutoCloseable {
    private static final String EXAMPLES = "io.fdnetty.examples.Main";

    private final String mainClass;
    private final Path directory;
    private final List<String> options;
    private final List<String> arguments;
    private final List<JavaRuntime> runtimes;
    private final BiConsumer<Integer, String> log;
    private final List<ChildProcess> running = new ArrayList<>();
    private int started;
    private boolean closed;

    /**
     * @param mainClass of the jar that this class is in
     * @param runtimes the runtime of each generation, in rotation
     * @param options for each runtime
     * @param arguments the command line, given the directory of the fleet
     * @param log hears what each generation logs
     */
    public ServerFleet(
            String mainClass,
            List<JavaRuntime> runtimes,
            List<String> options,
            Function<Path, List<String>> arguments,
            BiConsumer<Integer, String> log)
            throws IOException {
        this.mainClass = mainClass;
        this.runtimes = List.copyOf(runtimes);
        this.options = options;
        this.log = log;
        directory = Files.createTempDirectory("fd-netty-demo-"); // mode 0700
        this.arguments = arguments.apply(directory);
    }

    /** Echo servers. */
    static ServerFleet echo(List<JavaRuntime> runtimes, int drainSeconds, Consumer<String> log) throws IOException {
        return new ServerFleet(
                EXAMPLES,
                runtimes,
                List.of(),
                directory -> arguments("echo", directory, drainSeconds),
                (number, line) -> log.accept("server " + number + ": " + line));
    }

    /** What every server here is told: a port of the kernel's choice, where it is upgraded, how long it drains. */
    public static List<String> arguments(String command, Path directory, int drainSeconds) {
        return List.of(
                command,
                "--port",
                "0",
                "--upgrade",
                socket(directory).toString(),
                "--drain",
                String.valueOf(drainSeconds));
    }

    private static Path socket(Path directory) {
        return directory.resolve("server.sock");
    }

    /** Where its sockets and files are. */
    public Path directory() {
        return directory;
    }

    /** Where a successor meets the server. */
    public Path socket() {
        return socket(directory);
    }

    /** Starts the next generation. */
    ChildProcess startNext() {
        return startNext((number, event) -> {});
    }

    /**
     * Starts the next generation.
     *
     * @param events hears of its events, with its number, on a thread of the child's
     */
    public synchronized ChildProcess startNext(BiConsumer<Integer, EventLine> events) {
        if (closed) {
            throw new ProgramException("the demonstration is being stopped");
        }
        started++;
        int number = started;
        String name = "server " + number;
        List<String> command = new ArrayList<>(runtime(number).program(mainClass, arguments));
        command.addAll(1, options);
        ChildProcess child = ChildProcess.start(
                name, command, line -> log.accept(number, line), event -> events.accept(number, event));
        running.add(child);
        return child;
    }

    /** One that has ended need not be remembered. */
    public synchronized void forget(ChildProcess ended) {
        running.remove(ended);
    }

    /** The runtime of a generation, counted from 1. */
    JavaRuntime runtime(int generation) {
        return runtimes.get((generation - 1) % runtimes.size());
    }

    @Override
    public synchronized void close() {
        closed = true;
        running.forEach(ChildProcess::close);
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(ServerFleet::delete);
        } catch (IOException | UncheckedIOException e) {
            log.accept(0, "cannot remove " + directory + ": " + e.getMessage());
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
