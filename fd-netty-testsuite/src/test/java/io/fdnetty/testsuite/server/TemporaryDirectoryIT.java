package io.fdnetty.testsuite.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.testsuite.process.Jdks;
import io.fdnetty.testsuite.process.Programs;
import io.fdnetty.testsuite.process.Tools;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Netty unpacks its native library to the directory for temporary files, which may refuse it. */
class TemporaryDirectoryIT {
    private static final Duration LIMIT = Duration.ofSeconds(40);

    @RegisterExtension
    final Programs programs = new Programs();

    @Test
    void oneThatIsReadOnlyIsNamedWithTheReason() throws Exception {
        assertFails("ro", "Read-only file system");
    }

    @Test
    void oneThatIsFullIsNamedWithTheReason() throws Exception {
        assertFails("size=4k", "No space left on device");
    }

    @Test
    void oneThatForbidsExecutionIsNamedWithTheReason() throws Exception {
        assertFails("noexec", "mounted noexec");
    }

    private void assertFails(String mountOption, String reason) throws Exception {
        Path directory = Files.createDirectory(programs.path("tmp"));
        List<String> command = new ArrayList<>(List.of(Tools.require("unshare").toString(), "--mount", "sh", "-c"));
        assumeTrue(
                new ProcessBuilder(Tools.require("unshare").toString(), "--mount", "true")
                                .start()
                                .waitFor()
                        == 0,
                "needs the right to mount: run as root");
        command.add("mount -t tmpfs -o " + mountOption + " tmpfs " + directory + " && exec \"$@\"");
        command.add("sh");
        List<String> echo = new ArrayList<>(Jdks.current()
                .jar(
                        Programs.jar(),
                        List.of(
                                "echo",
                                "--port",
                                "0",
                                "--upgrade",
                                programs.path("s").toString())));
        echo.add(1, "-Djava.io.tmpdir=" + directory);
        command.addAll(echo);

        ChildProcess server = programs.command("echo", command);

        assertThat(server.awaitExit(LIMIT)).isEqualTo(1);
        assertThat(server.output().lines().filter(line -> line.startsWith("fd-netty: ")))
                .singleElement()
                .asString()
                .contains(directory.toString(), reason, "-Dio.netty.native.workdir=DIR");
    }
}
