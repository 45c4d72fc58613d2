package io.fdnetty.testsuite;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the formatter does not enforce in the sources of all modules. */
class SourcesTest {
    private static final Path ROOT = Path.of("..");
    private static final int COLUMNS = 120;

    /** Phrases that an engineer of this field would not write, cut in two here so that they do not find themselves. */
    private static final List<String> PHRASES = List.of(
            "does not get" + " on",
            "did not come" + " about",
            "does not come" + " to an end",
            "So many were" + " acknowledged",
            "for want of a" + " place");

    @Test
    void noLineIsLongerThanAllowed() throws IOException {
        assertThat(sources().flatMap(SourcesTest::longLines)).isEmpty();
    }

    @Test
    void theLanguageIsThatOfTheField() throws IOException {
        assertThat(sources().flatMap(SourcesTest::phrases)).isEmpty();
    }

    private static Stream<Path> sources() throws IOException {
        List<Path> modules;
        try (Stream<Path> entries = Files.list(ROOT)) {
            modules = entries.map(module -> module.resolve("src"))
                    .filter(Files::isDirectory)
                    .toList();
        }
        assertThat(modules).hasSizeGreaterThan(2);
        return modules.stream().flatMap(SourcesTest::javaIn);
    }

    private static Stream<Path> javaIn(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<String> longLines(Path file) {
        List<String> lines = lines(file);
        return IntStream.range(0, lines.size())
                .filter(i -> lines.get(i).length() > COLUMNS)
                .mapToObj(i -> file + ":" + (i + 1));
    }

    private static Stream<String> phrases(Path file) {
        List<String> lines = lines(file);
        return IntStream.range(0, lines.size())
                .filter(i -> PHRASES.stream().anyMatch(lines.get(i)::contains))
                .mapToObj(i -> file + ":" + (i + 1));
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
