package io.fdnetty.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fdnetty.internal.sys.Carrier;
import io.fdnetty.testing.DescriptorLeaks;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What processes of protocol version 1 said to each other is understood today, and answered as it was then. */
@ExtendWith(DescriptorLeaks.class)
@Timeout(60)
class ReplayTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource
    void theIncumbentAnswersAsItDid(WireScenario scenario) throws Exception {
        try (Replay replay = replay(scenario, frame -> frame)) {
            replay.toIncumbent();
        }
    }

    /** The one that died has no answers to compare. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "KILLED")
    void theSuccessorAnswersAsItDid(WireScenario scenario) throws Exception {
        try (Replay replay = replay(scenario, frame -> frame)) {
            replay.toSuccessor();
        }
    }

    private Replay replay(WireScenario scenario, UnaryOperator<CapturedFrame> changed) throws IOException {
        Capture capture = Capture.load(scenario.file());
        assumeTrue(capture.perMessage() <= Carrier.kernel().descriptorsPerMessage(), "needs foreign calls");
        List<CapturedFrame> frames = capture.frames().stream().map(changed).toList();
        return new Replay(new Capture(capture.name(), capture.perMessage(), frames), scenario, directory.resolve("s"));
    }

    @Test
    void anIncumbentThatEncodesInAnotherWayIsNoticed() throws Exception {
        try (Replay replay = replay(WireScenario.FAILED, frame -> flip(frame, "OFFER", 3))) {
            assertThatThrownBy(replay::toIncumbent)
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("OFFER flags=0 +[] connections=4");
        }
    }

    @Test
    void anIncumbentThatDecodesInAnotherWayIsNoticed() throws Exception {
        try (Replay replay = replay(WireScenario.FAILED, frame -> flip(frame, "HELLO", 3))) {
            assertThatThrownBy(replay::toIncumbent)
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("REFUSED");
        }
    }

    @Test
    void aSuccessorThatDecodesInAnotherWayIsNoticed() throws Exception {
        try (Replay replay = replay(WireScenario.TOGETHER, frame -> flip(frame, "STATE_END", 11))) {
            assertThatThrownBy(replay::toSuccessor)
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("FAILED");
        }
    }

    private static CapturedFrame flip(CapturedFrame frame, String name, int at) {
        return Layout.name(frame.type()).equals(name) ? flip(frame, at) : frame;
    }

    private static CapturedFrame flip(CapturedFrame frame, int at) {
        byte[] payload = frame.payload().clone();
        payload[at] ^= 1;
        return new CapturedFrame(frame.incumbent(), frame.type(), frame.flags(), payload, frame.descriptors());
    }

    /** Nothing is ignored but what is masked by name. */
    @ParameterizedTest
    @EnumSource
    void everyByteThatIsNotMaskedIsCompared(WireScenario scenario) throws IOException {
        for (CapturedFrame frame : Capture.load(scenario.file()).frames()) {
            String compared = frame.compared();
            BitSet masked = Layout.masked(frame.type(), frame.payload());
            for (int at = 0; at < Math.min(frame.payload().length, 600); at++) {
                if (masked.get(at)) {
                    continue;
                }
                assertThat(flip(frame, at).compared())
                        .as("byte " + at + " of " + frame.summary())
                        .isNotEqualTo(compared);
            }
        }
    }

    @Test
    void whatIsMaskedIsLittle() {
        assertThat(Layout.maskedFields())
                .containsExactly(
                        "HELLO.pid",
                        "HELLO.perMessage",
                        "WELCOME.pid",
                        "LISTENERS.address",
                        "CONNECTIONS.id",
                        "CONNECTIONS.capturedAt");
    }

    /** All messages are in the captures. */
    @Test
    void everyMessageWasCaptured() throws IOException {
        List<Integer> types = new ArrayList<>();
        for (WireScenario scenario : WireScenario.values()) {
            Capture.load(scenario.file()).frames().forEach(frame -> types.add(frame.type()));
        }
        for (int type = 1; type <= 17; type++) {
            assertThat(types).as(Layout.name(type)).contains(type);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theIndexSaysWhatIsInTheFiles(WireScenario scenario) throws IOException {
        assertThat(Capture.index(scenario.file()))
                .isEqualTo(Capture.load(scenario.file()).index());
    }
}
