package io.fdnetty.testsuite;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class MainTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final CommandLine commandLine =
            Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));

    @Test
    void helpNamesTheChaosRunAndNotItsServer() {
        assertThat(commandLine.execute("--help")).isZero();
        assertThat(out.toString())
                .startsWith("Usage: fd-netty-testsuite")
                .contains("chaos ")
                .doesNotContain("chaos-server");
    }

    @Test
    void aRunWithoutASeedIsRefused() {
        assertThat(commandLine.execute("chaos")).isEqualTo(2);
        assertThat(err.toString()).contains("SEED");
    }

    @Test
    void aRunWithoutClientsIsRefused() {
        assertThat(commandLine.execute("chaos", "1", "--connections", "0")).isEqualTo(2);
        assertThat(err.toString()).contains("--connections must be between 1 and 1000, not 0");
    }
}
