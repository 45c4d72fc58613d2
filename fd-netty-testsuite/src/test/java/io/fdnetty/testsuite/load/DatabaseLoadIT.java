package io.fdnetty.testsuite.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.testsuite.process.Programs;
import io.fdnetty.testsuite.process.Tools;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Clients of databases behind the proxy, which is upgraded three times while they work.
 *
 * <p>They end after a number of transactions, not of seconds, so that a slow machine gives the upgrades more time.
 */
@Tag("long")
@Timeout(180)
class DatabaseLoadIT {
    private static final int UPGRADES = 3;
    private static final int DRAIN_SECONDS = 10;
    private static final int CLIENTS = 8;
    private static final int TRANSACTIONS = 225;
    private static final int CONNECTS = 100;
    private static final int REQUESTS = 400_000;
    private static final int REDIS_CLIENTS = 20;

    @RegisterExtension
    final Programs programs = Programs.underLoad();

    @Test
    void noTransactionOfPostgresqlFails() throws Exception {
        String pgbench = Tools.requirePostgres("pgbench").toString();
        try (Postgres postgres = Postgres.start(programs)) {
            Generations proxy = Generations.proxy(programs, "tcp", postgres.port(), DRAIN_SECONDS);
            Postgres.run(programs, "pgbench -i", pgbench(pgbench, proxy.port(), "-i", "-q"));
            ChildProcess kept = programs.command(
                    "pgbench", pgbench(pgbench, proxy.port(), "-c" + CLIENTS, "-t" + TRANSACTIONS, "-R100"));
            ChildProcess connecting = programs.command(
                    "pgbench -C", pgbench(pgbench, proxy.port(), "-C", "-S", "-c2", "-t" + CONNECTS, "-R20"));
            Connections.await(postgres.port(), CLIENTS);
            upgrade(proxy, CLIENTS);
            assertThat(kept.isAlive()).as("pgbench works through all upgrades").isTrue();

            assertAllDone(kept, CLIENTS * TRANSACTIONS);
            assertAllDone(connecting, 2 * CONNECTS);
            assertThat(postgres.value(programs, "select count(*) from pgbench_history"))
                    .as("transactions in the database")
                    .isEqualTo(String.valueOf(CLIENTS * TRANSACTIONS));
        }
    }

    private static List<String> pgbench(String pgbench, long port, String... options) {
        List<String> command =
                new ArrayList<>(List.of(pgbench, "-h", "127.0.0.1", "-p", String.valueOf(port), "-U", "postgres"));
        command.addAll(List.of(options));
        command.add("postgres");
        return command;
    }

    private static void assertAllDone(ChildProcess pgbench, int transactions) throws InterruptedException {
        assertThat(pgbench.awaitExit(Generations.LIMIT)).as(pgbench.output()).isZero();
        assertThat(pgbench.output())
                .contains("number of transactions actually processed: " + transactions + "/" + transactions)
                .doesNotContain("aborted");
    }

    /** Each request adds one: what was lost or sent twice would show in the sum. */
    @Test
    void noRequestOfRedisIsLostOrDoneTwice() throws Exception {
        String benchmark = Tools.require("redis-benchmark").toString();
        String client = Tools.require("redis-cli").toString();
        long backend = Backends.redis(programs);
        Generations proxy = Generations.proxy(programs, "tcp", backend, DRAIN_SECONDS);
        List<String> increments = new ArrayList<>(redis(benchmark, proxy.port()));
        increments.addAll(List.of("-c", String.valueOf(REDIS_CLIENTS), "-n", String.valueOf(REQUESTS)));
        increments.addAll(List.of("-q", "INCR", "sum"));
        ChildProcess incrementing = programs.command("redis-benchmark", increments);
        Connections.await(backend, REDIS_CLIENTS);
        upgrade(proxy, REDIS_CLIENTS);
        assertThat(incrementing.isAlive())
                .as("redis-benchmark works through all upgrades")
                .isTrue();

        assertThat(incrementing.awaitExit(Generations.LIMIT))
                .as(incrementing.output())
                .isZero();
        assertThat(incrementing.output()).doesNotContain("rror");
        List<String> sum = new ArrayList<>(redis(client, backend));
        sum.addAll(List.of("GET", "sum"));
        assertThat(Postgres.run(programs, "redis-cli", sum).strip()).isEqualTo(String.valueOf(REQUESTS));
    }

    private static List<String> redis(String program, long port) {
        return List.of(program, "-h", "127.0.0.1", "-p", String.valueOf(port));
    }

    private static void upgrade(Generations proxy, int connections) throws InterruptedException {
        for (int upgrade = 1; upgrade <= UPGRADES; upgrade++) {
            assertThat(proxy.upgradeAndEnd().number("moved")).isGreaterThanOrEqualTo(connections);
        }
    }
}
