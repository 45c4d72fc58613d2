package io.fdnetty.testsuite.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.examples.server.EventLine;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OwnershipTest {
    private static final int PORT = 40_000;
    private static final long BEGAN = 10;
    private static final Set<Integer> NOBODY = Set.of();

    private final Ownership ownership = new Ownership();

    @Test
    void aConnectionMayEndWithTheProcessThatOwnedIt() {
        tell(1, "accepted");

        assertThat(ownership.unexplained(PORT, BEGAN, Set.of(1), true)).isNull();
    }

    @Test
    void itMayNotEndWhileItsOwnerLives() {
        tell(1, "accepted");

        assertThat(ownership.unexplained(PORT, BEGAN, Set.of(2), true)).contains("server 1's, which was not killed");
    }

    @Test
    void whatCameBackBelongsToTheOneThatItCameBackTo() {
        tell(1, "accepted");
        tell(1, "arrived");

        assertThat(ownership.unexplained(PORT, BEGAN, Set.of(2), true)).contains("server 1's");
    }

    @Test
    void whatLeftMayEndWithASuccessorThatDidNotSayThatItArrived() {
        tell(1, "accepted");
        tell(1, "left");

        assertThat(ownership.unexplained(PORT, BEGAN, Set.of(2), true)).isNull();
        assertThat(ownership.unexplained(PORT, BEGAN, NOBODY, false)).contains("no successor was killed");
    }

    @Test
    void whatArrivedMayNotEndBecauseTheOneThatItLeftWasKilled() {
        tell(2, "arrived");
        tell(1, "accepted");
        tell(1, "left");

        assertThat(ownership.unexplained(PORT, BEGAN, Set.of(1), true)).contains("server 2's");
    }

    @Test
    void whatNobodyHadAcceptedMayEndOnlyWhenSomebodyWasKilled() {
        assertThat(ownership.unexplained(PORT, BEGAN, Set.of(1), true)).isNull();
        assertThat(ownership.unexplained(PORT, BEGAN, Set.of(1), false)).contains("no server had it");
    }

    @Test
    void aFarewellExplainsTheEnd() {
        tell(1, "accepted");
        tell(1, "farewell");
        tell(1, "ended");

        assertThat(ownership.unexplained(PORT, BEGAN, NOBODY, false)).isNull();
        assertThat(ownership.hadFarewell(PORT, BEGAN)).isTrue();
    }

    @Test
    void anEarlierConnectionFromTheSamePortDoesNotMatter() {
        ownership.hear(1, EventLine.of("accepted").with("id", "1-7").with("port", PORT), BEGAN - 2);
        ownership.hear(1, EventLine.of("ended").with("id", "1-7").with("port", PORT), BEGAN - 2);
        ownership.hear(2, EventLine.of("accepted").with("id", "2-1").with("port", PORT), BEGAN + 1);

        assertThat(ownership.unexplained(PORT, BEGAN, Set.of(2), true)).isNull();
    }

    @Test
    void anEarlierConnectionFromTheSamePortIsNotTakenForOneOfWhichNobodyTold() {
        ownership.hear(1, EventLine.of("accepted").with("id", "1-7").with("port", PORT), BEGAN - 2);

        assertThat(ownership.unexplained(PORT, BEGAN, Set.of(2), true)).isNull();
        assertThat(ownership.unexplained(PORT, BEGAN, NOBODY, false)).contains("no server had it");
    }

    private void tell(int process, String event) {
        ownership.hear(process, EventLine.of(event).with("id", "1-1").with("port", PORT), BEGAN + 1);
    }
}
