package io.fdnetty.testsuite.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.examples.process.JavaRuntime;
import io.fdnetty.examples.server.EventLine;
import io.fdnetty.testsuite.process.Jdks;
import io.fdnetty.testsuite.process.Programs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * One server through its generations, each a process: the newest serves, older ones may still drain. Used by one
 * thread.
 */
final class Generations {
    static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration GONE = Duration.ofSeconds(1);

    private final IntFunction<ChildProcess> starter;
    private final List<ChildProcess> all = new ArrayList<>();

    private final long port;

    private Generations(IntFunction<ChildProcess> starter, ChildProcess first, long port) {
        this.starter = starter;
        this.port = port;
        all.add(first);
    }

    /** Starts the first generation; {@code starter} starts the one of a number. */
    static Generations start(IntFunction<ChildProcess> starter) throws InterruptedException {
        ChildProcess first = starter.apply(1);
        first.await("ready", LIMIT);
        return new Generations(
                starter, first, first.await("listening", LIMIT).line().number("port"));
    }

    /** The proxy, whose successors are started with the same line. */
    static Generations proxy(Programs programs, String mode, long backendPort, int drainSeconds)
            throws InterruptedException {
        return start(number ->
                proxy(programs, "proxy-" + number, Jdks.ofGeneration(number), mode, backendPort, drainSeconds));
    }

    static ChildProcess proxy(
            Programs programs, String name, JavaRuntime runtime, String mode, long backendPort, int drainSeconds) {
        return programs.jar(
                name,
                runtime,
                "proxy",
                "--listen",
                "127.0.0.1:0",
                "--backend",
                "127.0.0.1:" + backendPort,
                "--mode",
                mode,
                "--drain",
                String.valueOf(drainSeconds),
                "--upgrade",
                programs.path("s").toString());
    }

    /** The one port of all generations. */
    long port() {
        return port;
    }

    ChildProcess current() {
        return all.get(all.size() - 1);
    }

    List<ChildProcess> all() {
        return List.copyOf(all);
    }

    /** Starts a successor and waits until it serves; returns the old process, which may still drain. */
    ChildProcess upgrade() throws InterruptedException {
        ChildProcess old = current();
        ChildProcess successor = starter.apply(all.size() + 1);
        all.add(successor);
        assertThat(successor.await("ready", LIMIT).line().number("generation")).isEqualTo(all.size());
        assertThat(successor.await("listening", LIMIT).line().number("port")).isEqualTo(port);
        old.await("handed-over", LIMIT);
        return old;
    }

    /** Upgrades and waits for the end of the old process, which must come within a second of its last connection. */
    EventLine upgradeAndEnd() throws InterruptedException {
        ChildProcess old = upgrade();
        awaitEnd(old);
        return old.await("handed-over", LIMIT).line();
    }

    /**
     * The old process ends with status 0, within a second of the moment when its last connection had moved or ended.
     */
    static void awaitEnd(ChildProcess old) throws InterruptedException {
        assertThat(old.awaitExit(LIMIT)).as(old.output()).isZero();
        ChildProcess.Event drained = old.await("drained", LIMIT);
        ChildProcess.Event handedOver = old.await("handed-over", LIMIT);
        assertThat(Duration.ofNanos(old.exitedNanos() - drained.nanos()))
                .as("from the end of the last connection of " + old.name() + " to the end of its process")
                .isLessThan(GONE);
        if (handedOver.line().number("kept") == 0) {
            assertThat(Duration.ofNanos(old.exitedNanos() - handedOver.nanos()))
                    .as("from the last move to the end of " + old.name() + ", which kept nothing")
                    .isLessThan(GONE);
        } else {
            assertThat(handedOver.line().get("kept-because")).isNotBlank();
        }
    }
}
