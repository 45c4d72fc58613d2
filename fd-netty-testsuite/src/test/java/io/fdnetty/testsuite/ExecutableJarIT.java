package io.fdnetty.testsuite;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ExecutableJarIT {
    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();
    private static final String JAR = System.getProperty("fdnetty.examples.jar");

    @Test
    void theJarRunsAndKnowsItsVersion() throws Exception {
        Process process = new ProcessBuilder(JAVA, "-jar", JAR, "--version")
                .redirectErrorStream(true)
                .start();

        String output = new String(process.getInputStream().readAllBytes(), UTF_8);

        assertThat(process.waitFor()).isZero();
        assertThat(output).matches("fd-netty \\d+\\.\\d+\\.\\d+\\S*\\R");
    }
}
