package io.fdnetty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fdnetty.testing.DescriptorLeaks;
import io.fdnetty.testing.Eventually;
import io.fdnetty.testing.Logged;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What the other process says is one line in the log, in a report and in an exception, whatever it contains. */
@ExtendWith(DescriptorLeaks.class)
class ForeignTextTest {
    private static final String FORGED = "x\n2026-01-01 ERROR forged\u001b[31m" + "y".repeat(1000);

    @TempDir
    Path directory;

    private Path socket() {
        return directory.resolve("upgrade.sock");
    }

    private static final class Failures implements UpgradeListener {
        final CompletableFuture<String> reason = new CompletableFuture<>();

        @Override
        public void upgradeFailed(UpgradeStep step, String why) {
            reason.complete(why);
        }
    }

    @Test
    void theReasonOfASuccessorThatRefusesIsOneLine() throws Exception {
        Failures failures = new Failures();
        try (Logged log = new Logged();
                EchoServer old = EchoServer.start(socket(), settings -> settings.listener(failures))) {
            try (Upgrader next = Upgrader.builder(socket()).name("echo").build()) {
                next.refuse(FORGED);
                assertThat(failures.reason.get(10, TimeUnit.SECONDS))
                        .contains("x\\u000a2026-01-01 ERROR forged\\u001b")
                        .hasSizeLessThan(700)
                        .doesNotContain("\n");
            }
            Eventually.holds("it is logged", () -> !log.lines("forged").isEmpty());
            assertThat(log.lines("forged")).allMatch(line -> line.contains("WARN io.fdnetty"));
            assertThat(old.upgrader.generation()).isEqualTo(1);
        }
    }

    @Test
    void theNameOfASuccessorThatIsRefusedIsOneLineOnBothSides() throws Exception {
        String name = "x\n2026 ERROR forged";
        try (Logged log = new Logged();
                EchoServer old = EchoServer.start(socket(), UnaryOperator.identity())) {
            assertThatThrownBy(() -> Upgrader.builder(socket())
                            .name(name)
                            .version("1\n2")
                            .build())
                    .isInstanceOf(UpgradeException.class)
                    .hasMessageContaining("x\\u000a2026 ERROR forged")
                    .message()
                    .doesNotContain("\n");
            Eventually.holds("it is logged", () -> !log.lines("forged").isEmpty());
            assertThat(log.lines("forged")).allMatch(line -> line.contains("WARN io.fdnetty"));
            assertThat(old.upgrader.generation()).isEqualTo(1);
        }
    }
}
