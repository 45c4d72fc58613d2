package io.fdnetty.testsuite.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.testsuite.process.Jdks;
import io.fdnetty.testsuite.process.Programs;
import io.fdnetty.testsuite.process.Tools;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a new version may change about an inherited listener, as the kernel shows it. */
@Timeout(120)
class ListenerOptionsIT {
    private static final Duration LIMIT = Duration.ofSeconds(40);

    @RegisterExtension
    final Programs programs = new Programs();

    @Test
    @Tag("long")
    void theBacklogOfTheNewVersionHolds() throws Exception {
        ChildProcess first = server(11);
        long port = first.await("listening", LIMIT).line().number("main");
        first.await("ready", LIMIT);
        assertThat(backlog(port)).isEqualTo(11);

        ChildProcess second = server(22);
        second.await("ready", LIMIT);
        assertThat(backlog(port)).isEqualTo(22);
        assertThat(first.awaitExit(LIMIT)).isZero();
        assertThat(backlog(port)).isEqualTo(22);
    }

    private ChildProcess server(int backlog) {
        return programs.main(
                "server with a backlog of " + backlog,
                Jdks.current(),
                List.of("-Dbacklog=" + backlog),
                TransportsServer.class,
                programs.path("s").toString(),
                programs.path("u").toString(),
                "main");
    }

    /** The line of ss says: state, queue, backlog, addresses. */
    private int backlog(long port) throws Exception {
        String ss = Tools.require("ss").toString();
        ChildProcess listening = programs.command("ss", List.of(ss, "-ltnH", "sport = :" + port));
        assertThat(listening.awaitExit(LIMIT)).isZero();
        return Integer.parseInt(listening.output().strip().split("\\s+", -1)[2]);
    }
}
