package io.fdnetty.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.examples.process.JavaRuntime;
import io.fdnetty.examples.process.Jdks;
import io.fdnetty.examples.process.Programs;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class DemoIT {
    private static final Duration LIMIT = Duration.ofSeconds(100);

    @RegisterExtension
    final Programs programs = new Programs();

    @Test
    void noClientNoticesTwoUpgrades() throws Exception {
        JavaRuntime runtime = Jdks.current();

        assertUnnoticed(runtime, runtime.executable().toString());
    }

    @Test
    void noClientNoticesUpgradesBetweenJava17AndLater() throws Exception {
        String alternating = Jdks.withoutForeignCalls().executable() + ","
                + Jdks.withForeignCalls().executable();

        assertUnnoticed(Jdks.current(), alternating);
    }

    private void assertUnnoticed(JavaRuntime runtime, String runtimes) throws InterruptedException {
        ChildProcess demo = programs.jar(
                "demo",
                runtime,
                "demo",
                "-v",
                "--connections",
                "60",
                "--upgrades",
                "2",
                "--seconds",
                "4",
                "--rate",
                "3000",
                "--java",
                runtimes);

        int status = demo.awaitExit(LIMIT);

        assertThat(demo.output()).contains("No client noticed anything.");
        assertThat(demo.output()).containsPattern("upgrade 2: [0-9]+ moved, 0 kept");
        assertThat(status).isZero();
    }
}
