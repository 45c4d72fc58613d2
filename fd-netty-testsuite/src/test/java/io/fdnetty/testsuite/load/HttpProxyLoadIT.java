package io.fdnetty.testsuite.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.testsuite.process.Length;
import io.fdnetty.testsuite.process.Programs;
import io.fdnetty.testsuite.process.Tools;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Busy HTTP clients of a proxy that is upgraded every three seconds: none sees an error. */
@Tag("long")
@Timeout(300)
class HttpProxyLoadIT {
    private static final int CONNECTIONS = 64;
    private static final int UPGRADES = Length.of(3, 9);
    private static final Duration EVERY = Duration.ofSeconds(3);
    private static final int MOST_SECONDS = 250;
    private static final int DRAIN_SECONDS = 20;
    private static final String PIPELINE = """
            init = function(args)
              local requests = {}
              for i = 1, 8 do requests[i] = wrk.format(nil, '/small?' .. i) end
              pipeline = table.concat(requests)
            end
            request = function() return pipeline end
            """;

    @RegisterExtension
    final Programs programs = Programs.underLoad();

    @Test
    void keepAliveClientsInFrontOfTheJdksServerSeeNoError() throws Exception {
        assertNoErrors(Backends.jdk(programs), "/small", List.of());
    }

    @Test
    void keepAliveClientsInFrontOfNginxSeeNoError() throws Exception {
        assertNoErrors(Backends.nginx(programs), "/small", List.of());
    }

    @Test
    void clientsWithAConnectionForEachRequestSeeNoError() throws Exception {
        assertNoErrors(Backends.nginx(programs), "/small", List.of("-H", "Connection: close"));
    }

    @Test
    void pipeliningClientsSeeNoError() throws Exception {
        java.nio.file.Path script = java.nio.file.Files.writeString(programs.path("pipeline.lua"), PIPELINE);
        assertNoErrors(Backends.nginx(programs), "/small", List.of("-s", script.toString()));
    }

    private void assertNoErrors(long backend, String path, List<String> options) throws Exception {
        Tools.require("wrk");
        Generations proxy = Generations.proxy(programs, "http", backend, DRAIN_SECONDS);
        ChildProcess wrk = programs.command("wrk", Wrk.command(proxy.port(), CONNECTIONS, MOST_SECONDS, path, options));
        List<ChildProcess> old = upgradeRegularly(proxy, wrk.startedNanos());
        wrk.signal("INT"); // it tells what it saw
        assertThat(wrk.awaitExit(Generations.LIMIT)).isZero();
        Wrk result = Wrk.parse(wrk.output());
        for (ChildProcess each : old) {
            Generations.awaitEnd(each);
        }
        assertThat(result.requests()).as(result.output()).isGreaterThan(100L * UPGRADES);
        assertThat(result.socketErrors()).as(result.output()).isZero();
        assertThat(result.otherStatus()).as(result.output()).isZero();
    }

    /**
     * Bodies up to eight megabytes up, 64 megabytes down to readers that are slow, and answers that take two seconds,
     * all at once.
     */
    @Test
    void bodiesOfAnySizeAndSlowAnswersSurviveEveryUpgrade() throws Exception {
        long backend = Backends.jdk(programs);
        Generations proxy = Generations.proxy(programs, "http", backend, DRAIN_SECONDS);
        long began = System.nanoTime();
        List<ChildProcess> old = new ArrayList<>();
        try (Workers workers = new Workers()) {
            workers.start(8, number -> new Uploads(proxy.port(), number));
            workers.start(4, number -> new SlowDownloads(proxy.port()));
            workers.start(8, number -> new SlowAnswers(proxy.port()));
            old.addAll(upgradeRegularly(proxy, began));
            workers.finish(Generations.LIMIT);
            assertThat(workers.rounds(Uploads.class)).isGreaterThan(10L * UPGRADES);
            assertThat(workers.rounds(SlowDownloads.class)).isGreaterThanOrEqualTo(4);
            assertThat(workers.rounds(SlowAnswers.class)).isGreaterThan(5L * UPGRADES);
        }
        for (ChildProcess each : old) {
            Generations.awaitEnd(each);
        }
    }

    private static List<ChildProcess> upgradeRegularly(Generations proxy, long began) throws InterruptedException {
        List<ChildProcess> old = new ArrayList<>();
        for (int upgrade = 1; upgrade <= UPGRADES; upgrade++) {
            Moments.passed(began + upgrade * EVERY.toNanos());
            old.add(proxy.upgrade());
        }
        Moments.passed(began + (UPGRADES + 1) * EVERY.toNanos());
        return old;
    }
}
