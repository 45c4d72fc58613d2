package io.fdnetty.testsuite.real;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.testsuite.process.Jdks;
import io.fdnetty.testsuite.process.Length;
import io.fdnetty.testsuite.process.Programs;
import io.fdnetty.testsuite.real.RealClient.Kind;
import io.fdnetty.testsuite.real.RealServer.Trouble;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A server as people write them, upgraded under load again and again ({@code -Dfdnetty.real.upgrades=20}), with
 * successors that die, hang and refuse among them: every request of every client is answered once, on the one
 * connection that each client ever has, and nothing comes too late.
 */
@Tag("long")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class RealServerIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int UPGRADES = Integer.getInteger("fdnetty.real.upgrades", Length.of(3, 6));
    private static final List<Trouble> TROUBLES =
            List.of(Trouble.STOP_AT_ARRIVAL, Trouble.DIE, Trouble.HANG, Trouble.REFUSE_CONNECTIONS);

    /** Where each connection moves as it can, one that is refused stays and drains: that is no roll-back. */
    private static final List<Trouble> ROLLING_TROUBLES = List.of(Trouble.STOP_AT_ARRIVAL, Trouble.DIE, Trouble.HANG);

    @RegisterExtension
    final Programs programs = Programs.underLoad();

    private int started;

    @Test
    void nothingIsLostWhileEachConnectionMovesAsItCan() throws Exception {
        ChildProcess serving = start(Trouble.NONE, false);
        int port = (int) serving.await("listening", LIMIT).line().number("port");
        RealClients clients = new RealClients();
        clients.start(40, port, Kind.BUSY);
        clients.start(4, port, Kind.SLOW);
        clients.awaitLogin();
        for (int upgrade = 1; upgrade <= UPGRADES; upgrade++) {
            if (upgrade % 3 == 0) {
                rollBack(ROLLING_TROUBLES.get((upgrade / 3 - 1) % ROLLING_TROUBLES.size()), serving, false);
                clients.awaitProgress();
            }
            serving = upgrade(serving, false);
            clients.awaitProgress();
        }
        System.out.printf("real server: %,d answers through %d upgrades%n", clients.finish(), UPGRADES);
    }

    @Test
    void nothingIsLostWhileARoomMovesTogether() throws Exception {
        ChildProcess serving = start(Trouble.NONE, true);
        int port = (int) serving.await("listening", LIMIT).line().number("port");
        RealClients clients = new RealClients();
        clients.start(20, port, Kind.TALKER);
        clients.awaitLogin();
        for (int upgrade = 1; upgrade <= UPGRADES / 3; upgrade++) {
            rollBack(TROUBLES.get((upgrade - 1) % TROUBLES.size()), serving, true);
            clients.awaitProgress();
            serving = upgrade(serving, true);
            clients.awaitProgress();
        }
        clients.finish();
        clients.assertNothingUnheard();
    }

    private ChildProcess start(Trouble trouble, boolean together) throws InterruptedException {
        started++;
        ChildProcess server = programs.main(
                "real-" + started,
                Jdks.ofGeneration(started),
                RealServer.class,
                programs.path("s").toString(),
                trouble.name(),
                String.valueOf(together));
        if (trouble == Trouble.NONE) {
            server.await("ready", LIMIT);
        }
        return server;
    }

    private ChildProcess upgrade(ChildProcess old, boolean together) throws InterruptedException {
        ChildProcess successor = start(Trouble.NONE, together);
        old.await("handed-over", LIMIT);
        assertThat(old.awaitExit(LIMIT)).as(old.output()).isZero();
        assertThat(old.await("drained", LIMIT).line().number("closed"))
                .as(old.output())
                .isZero();
        assertThat(old.output()).doesNotContain("writes for a connection", "WARN io.netty");
        return successor;
    }

    /** A successor that fails in this way; the old process goes on. */
    private void rollBack(Trouble trouble, ChildProcess serving, boolean together) throws InterruptedException {
        int failed = serving.events("upgrade-failed").size();
        ChildProcess successor = start(trouble, together);
        if (trouble == Trouble.STOP_AT_ARRIVAL) {
            successor.await("arriving", LIMIT);
            successor.signal("STOP");
        }
        serving.await("upgrade-failed", failed + 1, LIMIT);
        successor.kill();
    }
}
