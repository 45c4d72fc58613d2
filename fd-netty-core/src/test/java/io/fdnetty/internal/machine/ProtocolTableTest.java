package io.fdnetty.internal.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.UpgradePhase;
import io.fdnetty.UpgradeStep;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * docs/protocol.md holds, phase by phase, what both machines decide about every event. It is made from the machines,
 * read by people, and compared here; {@code -Dprotocol.update=true} writes it anew.
 */
class ProtocolTableTest {
    private static final Path PROTOCOL = Path.of("..", "docs", "protocol.md");

    @Test
    void theDocumentSaysWhatTheIncumbentDecidesInEveryPhaseAboutEveryEvent() throws IOException {
        compare("incumbent", MachineTables.incumbentTable());
    }

    @Test
    void theDocumentSaysWhatTheIncumbentDecidesWhereAllMoveTogether() throws IOException {
        compare("incumbent together", MachineTables.incumbentTogetherTable());
    }

    @Test
    void theDocumentSaysWhatTheSuccessorDecidesInEveryPhaseAboutEveryEvent() throws IOException {
        compare("successor", MachineTables.successorTable());
    }

    @Test
    void theDocumentNamesEveryStep() throws IOException {
        String document = Files.readString(PROTOCOL);
        String names = document.substring(document.indexOf("\n## Names\n"), document.indexOf("\n## The machines\n"));
        assertThat(names.lines().filter(line -> line.startsWith("| `")).map(line -> line.split("`", -1)[1]))
                .containsExactlyElementsOf(Arrays.stream(UpgradeStep.values())
                        .map(UpgradeStep::label)
                        .toList());
    }

    @Test
    void everyPhaseIsAStepAndHasTheNameOfItsRecord() {
        for (UpgradePhase phase : UpgradePhase.values()) {
            assertThat(UpgradeStep.of(phase).phase()).contains(phase);
        }
        Set<String> records = Stream.of(IncumbentPhase.class, SuccessorPhase.class)
                .flatMap(machine -> Arrays.stream(machine.getPermittedSubclasses()))
                .map(Class::getSimpleName)
                .collect(Collectors.toSet());
        assertThat(UpgradePhase.values()).extracting(UpgradePhase::label).containsExactlyInAnyOrderElementsOf(records);
    }

    private static void compare(String which, String table) throws IOException {
        String begin = "<!-- begin " + which + " -->\n\n";
        String end = "<!-- end " + which + " -->";
        String document = Files.readString(PROTOCOL);
        int from = document.indexOf(begin) + begin.length();
        int to = document.indexOf(end);
        assertThat(to).as("%s is marked in %s", which, PROTOCOL).isGreaterThanOrEqualTo(from);
        if (Boolean.getBoolean("protocol.update")) {
            Files.writeString(PROTOCOL, document.substring(0, from) + table + document.substring(to));
        } else {
            assertThat(document.substring(from, to)).isEqualTo(table);
        }
    }
}
