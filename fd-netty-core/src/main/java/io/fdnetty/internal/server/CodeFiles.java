package io.fdnetty.internal.server;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The jars of the class path as they were when this process started. The runtime reads a class when it is first used,
 * from a file that it keeps open: one that was renamed or removed is still there for it, one that was written over is
 * not. Immutable.
 */
public final class CodeFiles {
    private final List<Known> files;

    private CodeFiles(List<Known> files) {
        this.files = files;
    }

    public static CodeFiles now() {
        return of(System.getProperty("java.class.path", ""));
    }

    static CodeFiles of(String classPath) {
        List<Known> files = new ArrayList<>();
        for (String entry : classPath.split(File.pathSeparator, -1)) {
            Path path = Path.of(entry);
            if (Files.isRegularFile(path)) {
                Known.at(path).ifPresent(files::add);
            }
        }
        return new CodeFiles(List.copyOf(files));
    }

    /**
     * What an operator should know about a failure; empty if no file was written over. Blocks on the file system,
     * shortly.
     */
    public String hint() {
        List<Path> overwritten =
                files.stream().filter(Known::isOverwritten).map(Known::path).toList();
        return overwritten.isEmpty()
                ? ""
                : "; " + overwritten
                        + " was overwritten while this process runs from it, so that it cannot load more classes:"
                        + " put a new version beside the old one and rename it (mv), and restart this process";
    }

    /**
     * A file.
     *
     * @param key tells it from another of the same name; null where there is no such thing
     */
    private record Known(Path path, @Nullable Object key, long size, FileTime modified) {
        static Optional<Known> at(Path path) {
            try {
                BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
                return Optional.of(
                        new Known(path, attributes.fileKey(), attributes.size(), attributes.lastModifiedTime()));
            } catch (IOException gone) {
                return Optional.empty();
            }
        }

        boolean isOverwritten() {
            return at(path).filter(now -> key != null && key.equals(now.key) && !equals(now))
                    .isPresent();
        }
    }
}
