package io.fdnetty.testsuite.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StrikePlanTest {
    private static final int CONNECTIONS = 60;
    private static final int KINDS = Fault.values().length;

    @Test
    void theSameSeedPlansTheSame() {
        assertThat(strikes(7, 100)).isEqualTo(strikes(7, 100));
    }

    @Test
    void anotherSeedPlansOtherwise() {
        assertThat(strikes(7, 100)).isNotEqualTo(strikes(8, 100));
    }

    @Test
    void everyFaultComesOnceInAsManyUpgrades() {
        List<Fault> first = strikes(7, 2 * KINDS).subList(KINDS, 2 * KINDS).stream()
                .map(Strike::fault)
                .toList();

        assertThat(first).containsExactlyInAnyOrder(Fault.values());
    }

    @Test
    void aFaultThatLastsSaysHowLongAndOneThatHasMomentsNamesOne() {
        for (Strike strike : strikes(7, 1_000)) {
            Fault fault = strike.fault();
            assertThat(strike.millis()).isBetween(fault.leastMillis(), fault.mostMillis());
            assertThat(strike.nth()).isBetween(1, CONNECTIONS);
            assertThat(fault.moments().isEmpty() ? List.of("") : fault.moments())
                    .contains(strike.moment());
        }
    }

    private static List<Strike> strikes(long seed, int count) {
        StrikePlan plan = new StrikePlan(seed, CONNECTIONS);
        return IntStream.rangeClosed(1, count).mapToObj(plan::strike).toList();
    }
}
