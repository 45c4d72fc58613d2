package io.fdnetty.testsuite.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.testsuite.process.Jdks;
import io.fdnetty.testsuite.process.Programs;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The chaos run is worth nothing if it cannot fail. Its first upgrade with this seed is a quiet one. */
@Tag("long")
class ChaosIT {
    private static final Duration LIMIT = Duration.ofSeconds(100);
    private static final String QUIET_AT_FIRST = "11";

    @RegisterExtension
    final Programs programs = new Programs();

    @Test
    void aRunWithoutAFindingEndsWithStatus0AndFollowsItsPlan() throws Exception {
        ChildProcess run = chaos("NONE");

        assertThat(run.awaitExit(LIMIT)).isZero();
        assertThat(run.output()).contains("Nothing was lost. Seed " + QUIET_AT_FIRST);
        assertThat(plan(run.output()))
                .isEqualTo(new StrikePlan(Long.parseLong(QUIET_AT_FIRST), 20)
                        .strike(1)
                        .text());
    }

    @ParameterizedTest
    @CsvSource({
        "DOUBLE, clients with a surviving connection noticed",
        "LOSE, clients with a surviving connection noticed",
        "ACCOUNT, the kernel disagrees with server",
        "DESCRIPTOR, holds more than the first one"
    })
    void aFaultOfTheServersOwnIsFoundAndTold(String plant, String finding) throws Exception {
        ChildProcess run = chaos(plant);

        assertThat(run.awaitExit(LIMIT)).isEqualTo(1);
        assertThat(run.output()).contains("of seed " + QUIET_AT_FIRST, finding, "Again: chaos " + QUIET_AT_FIRST);
    }

    private ChildProcess chaos(String plant) {
        List<String> arguments = List.of(
                "chaos", QUIET_AT_FIRST, "--minutes", "0", "--connections", "20", "--rate", "400", "--plant", plant);
        return programs.command("chaos", Jdks.current().jar(Programs.suiteJar(), arguments));
    }

    /** What the trace says before the outcome of the first upgrade. */
    private static String plan(String output) {
        return Stream.of(output.split("\\R"))
                .filter(line -> line.contains(" | "))
                .map(line -> line.substring(0, line.indexOf(" | ")))
                .findFirst()
                .orElse("");
    }
}
