package io.fdnetty.testsuite.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.examples.process.JavaRuntime;
import io.fdnetty.testsuite.process.Jdks;
import io.fdnetty.testsuite.process.Programs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class DemoIT {
    private static final Duration LIMIT = Duration.ofSeconds(100);

    private static final Pattern SERVER = Pattern.compile("server 1: pid (\\d+), .* control socket (\\S+)");

    @RegisterExtension
    final Programs programs = Programs.underLoad();

    @Test
    void noClientNoticesTwoUpgrades() throws Exception {
        JavaRuntime runtime = Jdks.current();

        assertUnnoticed(runtime, runtime.executable().toString());
    }

    @Test
    @Tag("long")
    void noClientNoticesUpgradesBetweenJava17AndLater() throws Exception {
        String alternating = Jdks.withoutForeignCalls().executable() + ","
                + Jdks.withForeignCalls().executable();

        assertUnnoticed(Jdks.current(), alternating);
    }

    @Test
    void anInterruptedDemoLeavesNoServerAndNoDirectory() throws Exception {
        ChildProcess demo = programs.jar("demo", Jdks.current(), "demo", "-v", "--upgrades", "0", "--seconds", "600");
        Matcher server = SERVER.matcher(demo.awaitOutput("clients stream", LIMIT));
        assertThat(server.find()).isTrue();

        demo.signal("TERM"); // as SIGINT, which a test run in the background would ignore
        demo.awaitExit(LIMIT);

        assertThat(ProcessHandle.of(Long.parseLong(server.group(1)))).isEmpty();
        assertThat(Path.of(server.group(2)).getParent()).doesNotExist();
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
