package io.fdnetty.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.testing.DescriptorLeaks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Runs everything that fuzzing found worth keeping through its target; docs/fuzzing.md says how to find more. */
@ExtendWith(DescriptorLeaks.class)
@Timeout(60)
class CorpusTest {
    private static final Path CORPUS = Path.of("src", "test", "resources", "fuzz");

    private interface Target {
        void run(byte[] data) throws IOException;
    }

    @Test
    void framesAndDescriptorsInAnyReadsAreDecodedOrRefused() throws IOException {
        replay("FrameDecoder", FrameDecoderFuzz::fuzzerTestOneInput);
    }

    @Test
    void everyMessageIsRefusedOrWrittenAgainAsItWas() throws IOException {
        replay("Message", MessageFuzz::fuzzerTestOneInput);
    }

    @Test
    void theIncumbentsMachineStandsAnySuccessor() throws IOException {
        replay("IncumbentMachine", IncumbentMachineFuzz::fuzzerTestOneInput);
    }

    @Test
    void theSuccessorsMachineStandsAnyIncumbent() throws IOException {
        replay("SuccessorMachine", SuccessorMachineFuzz::fuzzerTestOneInput);
    }

    @Test
    void anyUnitIsAdoptedOrRejectedAndLeavesNothingBehind() throws IOException {
        try {
            replay("Arrival", ArrivalFuzz::fuzzerTestOneInput);
        } finally {
            ArrivalFuzz.close();
        }
    }

    private static void replay(String name, Target target) throws IOException {
        List<Path> inputs;
        try (Stream<Path> files = Files.list(CORPUS.resolve(name))) {
            inputs = files.sorted().toList();
        }
        assertThat(inputs).isNotEmpty();
        for (Path input : inputs) {
            try {
                target.run(Files.readAllBytes(input));
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError(input.toString(), e);
            }
        }
    }
}
