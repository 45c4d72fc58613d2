package io.fdnetty.testsuite.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.testsuite.demo.StreamingClients;
import io.fdnetty.testsuite.process.Jdks;
import io.fdnetty.testsuite.process.Length;
import io.fdnetty.testsuite.process.Programs;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Raw streams through a proxy that is upgraded again and again, or whose successors die. */
@Tag("long")
@Timeout(300)
class TcpProxyLoadIT {
    private static final int CLIENTS = 500;
    private static final int UPGRADES = Length.of(3, 10);
    private static final int KILLS = Length.of(8, 16);
    private static final int KILLED_CLIENTS = 200;
    private static final int DRAIN_SECONDS = 10;

    @RegisterExtension
    final Programs programs = Programs.underLoad();

    @Test
    void fiveHundredStreamsPassThroughUpgradesUnharmed() throws Exception {
        long backend = echo();
        Generations proxy = Generations.proxy(programs, "tcp", backend, DRAIN_SECONDS);
        try (StreamingClients clients = StreamingClients.start(proxy.port(), CLIENTS)) {
            Set<Integer> frontPorts = Connections.localPortsTo(proxy.port());
            Set<Integer> backPorts = Connections.localPortsTo(backend);
            for (int upgrade = 1; upgrade <= UPGRADES; upgrade++) {
                assertThat(proxy.upgradeAndEnd().number("moved")).isGreaterThanOrEqualTo(CLIENTS);
                clients.awaitProgress(2 * CLIENTS);
                clients.awaitProbes(2);
            }
            frontPorts.retainAll(Connections.localPortsTo(proxy.port()));
            backPorts.retainAll(Connections.localPortsTo(backend));

            clients.assertNothingNoticed();
            assertThat(frontPorts).as("ports that clients kept").hasSizeGreaterThanOrEqualTo(CLIENTS);
            assertThat(backPorts).as("ports that the proxy kept").hasSizeGreaterThanOrEqualTo(CLIENTS);
        }
    }

    /** The moments are spread over the life of a successor, from its first instruction to well after its last move. */
    @Test
    void successorsThatAreKilledAtAnyMomentHarmNoConnectionThatTheyDoNotOwn() throws Exception {
        long backend = echo();
        Generations proxy = Generations.proxy(programs, "tcp", backend, DRAIN_SECONDS);
        ChildProcess incumbent = proxy.current();
        int killedBeforeTheyServed = 0;
        try (StreamingClients clients = StreamingClients.start(proxy.port(), KILLED_CLIENTS)) {
            long lifetime = lifetimeOfASuccessor(backend);
            for (int kill = 0; kill < KILLS && incumbent.isAlive(); kill++) {
                ChildProcess victim = Generations.proxy(
                        programs, "victim-" + kill, Jdks.ofGeneration(kill + 1), "tcp", backend, DRAIN_SECONDS);
                Moments.passed(victim.startedNanos() + lifetime * kill / KILLS);
                victim.kill();
                victim.awaitExit(Generations.LIMIT);
                if (incumbent.events("handed-over").isEmpty()) {
                    killedBeforeTheyServed++;
                    clients.awaitProbes(2);
                } else {
                    break; // the victim was the server: there is none now
                }
            }
            long died = clients.assertSurvivorsNoticedNothing();
            assertThat(killedBeforeTheyServed).isGreaterThan(KILLS / 2);
            assertThat(died).as("clients of those that were killed").isLessThanOrEqualTo(KILLED_CLIENTS);
        }
    }

    /** From the start of a process to the moment when it serves, measured on this machine beside the same load. */
    private long lifetimeOfASuccessor(long backend) throws Exception {
        ChildProcess first = programs.jar(
                "sample",
                Jdks.current(),
                "proxy",
                "--listen",
                "127.0.0.1:0",
                "--backend",
                "127.0.0.1:" + backend,
                "--upgrade",
                programs.path("sample").toString());
        long nanos = first.await("ready", Generations.LIMIT).nanos() - first.startedNanos();
        first.kill();
        return nanos + Duration.ofMillis(400).toNanos();
    }

    private long echo() throws InterruptedException {
        ChildProcess echo = programs.jar(
                "echo",
                Jdks.current(),
                "echo",
                "--port",
                "0",
                "--upgrade",
                programs.path("e").toString());
        return echo.await("listening", Generations.LIMIT).line().number("port");
    }
}
