package io.fdnetty.testsuite.process;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fdnetty.examples.process.JavaRuntime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** The Java runtimes on this machine that tests may use for the processes that they start. */
public final class Jdks {
    private static final Path INSTALLED = Path.of("/usr/lib/jvm");
    private static final int FIRST_WITH_FOREIGN_CALLS = 22;

    private Jdks() {}

    /** The runtime of this test. */
    public static JavaRuntime current() {
        return JavaRuntime.current();
    }

    /**
     * The runtime of a generation, counted from 1: by turns one of the homes that the system property
     * {@code fdnetty.jdks} lists with commas, so that each hands over to the other; without it the runtime of this
     * test.
     */
    public static JavaRuntime ofGeneration(int number) {
        String[] homes = System.getProperty("fdnetty.jdks", "").split(",", -1);
        String home = homes[(number - 1) % homes.length];
        return home.isEmpty() ? current() : JavaRuntime.at(Path.of(home));
    }

    /** A runtime that passes several descriptors in one message; without one the test is skipped. */
    public static JavaRuntime withForeignCalls() {
        Optional<JavaRuntime> found = all().filter(JavaRuntime::hasForeignCalls).findFirst();
        assumeTrue(
                found.isPresent(),
                "needs a JDK of version " + FIRST_WITH_FOREIGN_CALLS + " or later: set JAVA25_HOME, or install one in "
                        + INSTALLED);
        return found.orElseThrow();
    }

    /** A runtime that passes one descriptor in each message; without one the test is skipped. */
    public static JavaRuntime withoutForeignCalls() {
        Optional<JavaRuntime> found =
                all().filter(runtime -> !runtime.hasForeignCalls()).findFirst();
        assumeTrue(
                found.isPresent(), "needs a JDK of version 17 to 21: set JAVA17_HOME, or install one in " + INSTALLED);
        return found.orElseThrow();
    }

    private static Stream<JavaRuntime> all() {
        Stream<Path> named = Stream.of("JAVA25_HOME", "JDK_25", "JAVA17_HOME", "JDK_17")
                .map(System::getenv)
                .filter(Objects::nonNull)
                .map(Path::of);
        Stream<JavaRuntime> others = Stream.concat(named, installed().stream())
                .filter(home -> Files.isExecutable(home.resolve("bin").resolve("java")))
                .map(JavaRuntime::at)
                .filter(runtime -> runtime.feature() >= 17);
        return Stream.concat(Stream.of(current()), others);
    }

    private static List<Path> installed() {
        if (!Files.isDirectory(INSTALLED)) {
            return List.of();
        }
        try (Stream<Path> homes = Files.list(INSTALLED)) {
            return homes.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
