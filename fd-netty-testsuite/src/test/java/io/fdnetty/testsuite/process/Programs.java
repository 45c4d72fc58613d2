package io.fdnetty.testsuite.process;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.examples.process.JavaRuntime;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Starts programs as processes of their own for one test, and kills at its end those that still run; says what they
 * printed if the test failed. Register it as an extension.
 *
 * <p>Each test gets a directory of its own, mode 0700, for sockets and files: a short path, which a socket needs.
 */
public final class Programs implements BeforeEachCallback, AfterEachCallback {
    private static final Path JAR = Path.of(System.getProperty("fdnetty.examples.jar", "fd-netty-examples.jar"));
    private static final Path SUITE_JAR =
            Path.of(System.getProperty("fdnetty.testsuite.jar", "fd-netty-testsuite.jar"));

    /** Most processes of a test live for seconds: they would spend them in a compiler that they do not need. */
    private static final List<String> SHORT_LIVED = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

    private final List<String> runtimeOptions;
    private final List<ChildProcess> children = new CopyOnWriteArrayList<>();
    private final List<ChildProcess> contained = new CopyOnWriteArrayList<>();
    private Path directory;

    /** For processes that live for seconds. */
    public Programs() {
        this(SHORT_LIVED);
    }

    private Programs(List<String> runtimeOptions) {
        this.runtimeOptions = runtimeOptions;
    }

    /** For processes that have much to do: they run as a user's do. */
    public static Programs underLoad() {
        return new Programs(List.of());
    }

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        directory = Files.createTempDirectory("fdn-");
    }

    @Override
    public void afterEach(ExtensionContext context) throws IOException {
        children.forEach(ChildProcess::kill);
        children.stream().filter(child -> !contained.contains(child)).forEach(Programs::killSuccessors);
        if (context.getExecutionException().isPresent()) {
            children.forEach(child ->
                    System.err.println("---- " + child.name() + ", pid " + child.pid() + "\n" + child.output()));
        }
        children.clear();
        contained.clear();
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(Programs::delete);
        }
    }

    /** A successor that a server started itself tells of itself on the server's standard output, and outlives it. */
    private static void killSuccessors(ChildProcess child) {
        child.events("listening").stream()
                .flatMap(event -> ProcessHandle.of(event.line().number("pid")).stream())
                .forEach(ProcessHandle::destroyForcibly);
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A path in the directory of this test. */
    public Path path(String name) {
        return directory.resolve(name);
    }

    /** The executable jar of the examples. */
    public static Path jar() {
        return JAR;
    }

    /** The executable jar of the test suite. */
    public static Path suiteJar() {
        return SUITE_JAR;
    }

    /** Starts a program of the examples. */
    public ChildProcess jar(String name, JavaRuntime runtime, String... arguments) {
        return startJava(name, List.of(), runtime.jar(JAR, List.of(arguments)));
    }

    /** Starts a main class of the tests. */
    public ChildProcess main(String name, JavaRuntime runtime, Class<?> mainClass, String... arguments) {
        return main(name, runtime, List.of(), mainClass, arguments);
    }

    /** Starts a main class of the tests with options for its runtime. */
    public ChildProcess main(
            String name, JavaRuntime runtime, List<String> options, Class<?> mainClass, String... arguments) {
        String classPath = System.getProperty("java.class.path");
        return startJava(name, options, runtime.main(classPath, mainClass.getName(), List.of(arguments)));
    }

    /** Starts a main class of the tests with other classes of the library. */
    public ChildProcess mainWith(
            String name, Path classes, List<String> options, Class<?> mainClass, String... arguments) {
        String classPath = classes + File.pathSeparator + System.getProperty("java.class.path");
        return startJava(name, options, JavaRuntime.current().main(classPath, mainClass.getName(), List.of(arguments)));
    }

    /** Starts a script of {@code src/test/resources/python}. */
    public ChildProcess python(String script, String... arguments) throws IOException {
        String python = Tools.require("python3").toString();
        Path copy = path(script);
        try (InputStream source = Programs.class.getResourceAsStream("/python/" + script)) {
            Files.copy(source, copy, StandardCopyOption.REPLACE_EXISTING);
        }
        List<String> command = new ArrayList<>(List.of(python, "-u", copy.toString()));
        command.addAll(List.of(arguments));
        return start(script, command);
    }

    /** Starts any program; {@link Tools#require} says whether there is one. */
    public ChildProcess command(String name, List<String> command) {
        return start(name, command);
    }

    /**
     * Starts a program in a PID namespace, where it is the first process; the pids that it tells are those of the
     * namespace. Without the right to do so the test is skipped.
     */
    public ChildProcess container(String name, List<String> command) throws IOException, InterruptedException {
        List<String> unshare =
                List.of(Tools.require("unshare").toString(), "--pid", "--fork", "--kill-child", "--mount-proc");
        assumeTrue(canRun(unshare), "needs the right to make a PID namespace: run as root");
        return commandInContainer(
                name, Stream.concat(unshare.stream(), command.stream()).toList());
    }

    /** Starts a program that tells pids of another namespace. */
    public ChildProcess commandInContainer(String name, List<String> command) {
        ChildProcess child = start(name, command);
        contained.add(child);
        return child;
    }

    private static boolean canRun(List<String> unshare) throws IOException, InterruptedException {
        return new ProcessBuilder(Stream.concat(unshare.stream(), Stream.of("true"))
                                .toList())
                        .start()
                        .waitFor()
                == 0;
    }

    private ChildProcess startJava(String name, List<String> options, List<String> java) {
        List<String> command = new ArrayList<>(java);
        command.addAll(1, options);
        command.addAll(1, runtimeOptions);
        return start(name, command);
    }

    private ChildProcess start(String name, List<String> command) {
        ChildProcess child = ChildProcess.start(name, command, line -> {});
        children.add(child);
        return child;
    }
}
