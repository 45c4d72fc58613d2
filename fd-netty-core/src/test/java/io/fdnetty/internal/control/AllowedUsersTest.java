package io.fdnetty.internal.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.internal.sys.Credentials;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class AllowedUsersTest {
    private static final int OVERFLOW = 65534;

    @Test
    void thisProcessesUserAndThoseThatTheAuthorNamesMayTakeOver() {
        AllowedUsers admission = new AllowedUsers(1000, Set.of(1001), false);
        assertThat(admission.objection(1000)).isNull();
        assertThat(admission.objection(1001)).isNull();
        assertThat(admission.objection(0)).isEqualTo("uid 0 may not take over, this process has uid 1000");
    }

    @Test
    void aNumberThatStandsForManyUsersIsNobodysUnlessItIsNamed() {
        assertThat(new AllowedUsers(OVERFLOW, Set.of(), true).objection(OVERFLOW))
                .contains("may be anybody who has no number in this user namespace");
        assertThat(new AllowedUsers(OVERFLOW, Set.of(OVERFLOW), true).objection(OVERFLOW))
                .isNull();
        assertThat(new AllowedUsers(OVERFLOW, Set.of(), false).objection(OVERFLOW))
                .isNull();
    }

    @Test
    void whereAllUsersHaveANumberNoneStandsForOthers() throws IOException {
        String map = Files.readString(Path.of("/proc/self/uid_map")).trim().replaceAll("\\s+", " ");
        Assumptions.assumeTrue(map.equals("0 0 4294967295"), "this is a user namespace");
        assertThat(Credentials.standsForOthers(OVERFLOW)).isFalse();
        assertThat(Credentials.standsForOthers(Credentials.effectiveUid())).isFalse();
    }
}
