package io.fdnetty;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * State, bytes on their way and the environment are in no log, no Flight Recorder event, no report and no exception,
 * even when everything is logged.
 */
class SecretsTest {
    @Test
    @Tag("long")
    @Timeout(60)
    void nothingThatIsHandedOverIsEverLogged(@TempDir Path directory) throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        ProcessBuilder command = new ProcessBuilder(
                java,
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                SecretsMain.class.getName(),
                directory.toString());
        command.environment().put("FDNETTY_SECRET", SecretsMain.SECRET);
        command.redirectErrorStream(true);
        Process process = command.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.getOutputStream().close();
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();

        assertThat(process.exitValue()).as(output).isZero();
        assertThat(output)
                .contains("FINE", "io.fdnetty.UpgradePhase", "the vault does not open", "UpgradeReport[", "moved=1")
                .contains("application: 255 bytes are needed")
                .doesNotContainPattern("hunter2|68 ?75 ?6e ?74 ?65 ?72 ?32");
    }
}
