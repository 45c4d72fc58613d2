package io.fdnetty.examples.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;

class ProgressTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, UTF_8);

    @Test
    void onATerminalTheStatusIsRewrittenInPlace() {
        Progress progress = new Progress(out, true);
        progress.status("one");
        progress.status("two");
        progress.line("done");

        assertThat(bytes.toString(UTF_8))
                .isEqualTo("\r\u001b[Kone\r\u001b[Ktwo\r\u001b[Kdone" + System.lineSeparator());
    }

    @Test
    void elsewhereEachStatusIsALine() {
        Progress progress = new Progress(out, false);
        progress.status("one");
        progress.line("done");

        assertThat(bytes.toString(UTF_8).lines()).containsExactly("one", "done");
    }
}
