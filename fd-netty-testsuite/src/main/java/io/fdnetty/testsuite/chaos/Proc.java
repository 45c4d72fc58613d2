package io.fdnetty.testsuite.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What the kernel tells of a process; empty if it has ended. */
final class Proc {
    private Proc() {}

    /** What its descriptors point to. */
    static List<String> descriptors(long pid) {
        return each(pid, "fd", entry -> Files.readSymbolicLink(entry).toString());
    }

    /** The names of its threads. */
    static List<String> threads(long pid) {
        return each(
                pid, "task", entry -> Files.readString(entry.resolve("comm")).strip());
    }

    private interface Reader {
        String read(Path entry) throws IOException;
    }

    private static List<String> each(long pid, String directory, Reader reader) {
        List<String> found = new ArrayList<>();
        try (DirectoryStream<Path> entries =
                Files.newDirectoryStream(Path.of("/proc", String.valueOf(pid), directory))) {
            for (Path entry : entries) {
                add(found, entry, reader);
            }
        } catch (IOException | DirectoryIteratorException | UncheckedIOException ended) {
            return found;
        }
        return found;
    }

    private static void add(List<String> found, Path entry, Reader reader) {
        try {
            found.add(reader.read(entry));
        } catch (IOException gone) {
            return;
        }
    }
}
