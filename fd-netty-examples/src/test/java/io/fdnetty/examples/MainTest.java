package io.fdnetty.examples;

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
    void helpNamesTheProgram() {
        assertThat(commandLine.execute("--help")).isZero();
        assertThat(out.toString()).startsWith("Usage: fd-netty-examples");
    }

    @Test
    void withoutACommandItAsksForOne() {
        assertThat(commandLine.execute()).isEqualTo(2);
        assertThat(err.toString()).contains("Which command?");
    }
}
