package io.fdnetty.internal.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CodeFilesTest {
    @TempDir
    Path directory;

    @Test
    void aJarThatIsWrittenOverIsNamedAndOneThatIsRenamedOrRemovedIsNot() throws Exception {
        Path kept = Files.writeString(directory.resolve("kept.jar"), "1");
        Path over = Files.writeString(directory.resolve("over.jar"), "1");
        Path moved = Files.writeString(directory.resolve("moved.jar"), "1");
        Path gone = Files.writeString(directory.resolve("gone.jar"), "1");
        CodeFiles files = CodeFiles.of(kept + ":" + over + ":" + moved + ":" + gone + ":" + directory + ":");
        assertThat(files.hint()).isEmpty();

        Path next = Files.writeString(directory.resolve("next"), "two");
        Files.move(moved, directory.resolve("old.jar"));
        Files.move(next, moved);
        Files.delete(gone);
        assertThat(files.hint()).isEmpty();

        Files.writeString(over, "two");
        assertThat(files.hint()).contains("[" + over + "] was overwritten");
    }
}
