package io.fdnetty.testsuite.process;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Programs of other people that a test needs and a machine may lack.
 *
 * <p>Where one is absent the test is skipped, and says what it needs; but it fails on a machine of continuous
 * integration ({@code CI=true} in the environment), which has to have them all.
 */
public final class Tools {
    private static final boolean MUST_HAVE = Boolean.parseBoolean(System.getenv("CI"));

    private Tools() {}

    /**
     * Finds a program in the PATH, or ends the test.
     *
     * @param name of the program, as {@code chromium}
     * @param otherNames that it has elsewhere, as {@code chromium-browser}
     */
    public static Path require(String name, String... otherNames) {
        List<String> names =
                Stream.concat(Stream.of(name), Stream.of(otherNames)).toList();
        Optional<Path> found = names.stream().flatMap(Tools::inPath).findFirst();
        return found.orElseGet(() -> absent("needs " + String.join(" or ", names) + " in the PATH"));
    }

    /** Finds a program of PostgreSQL, of which Debian has those of a server outside the PATH, or ends the test. */
    public static Path requirePostgres(String name) {
        Optional<Path> newest = programs(postgresVersions(), name).findFirst();
        return newest.orElseGet(() -> require(name));
    }

    private static Stream<Path> postgresVersions() {
        File[] versions = new File("/usr/lib/postgresql").listFiles(File::isDirectory);
        return versions == null
                ? Stream.of()
                : Stream.of(versions)
                        .sorted(Comparator.comparing(File::getName).reversed())
                        .map(version -> version.toPath().resolve("bin"));
    }

    private static Stream<Path> inPath(String name) {
        return programs(
                Stream.of(System.getenv("PATH").split(File.pathSeparator)).map(Path::of), name);
    }

    private static Stream<Path> programs(Stream<Path> directories, String name) {
        return directories
                .map(directory -> directory.resolve(name))
                .filter(Files::isExecutable)
                .filter(Files::isRegularFile);
    }

    private static Path absent(String what) {
        return MUST_HAVE ? fail(what + ", since this is continuous integration") : abort(what);
    }
}
