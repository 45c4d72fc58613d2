package io.fdnetty.examples.demo;

import io.fdnetty.examples.OptionRange;
import io.fdnetty.examples.process.JavaRuntime;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The main job, seen: clients stream without a pause while one server process after another takes over. */
@Command(
        name = "demo",
        description = {
            "Shows upgrades under load: starts the echo server as a process of its own, connects clients that stream"
                    + " numbered, checksummed frames without a pause, and lets one successor after another take over.",
            "Ends with a table and with exit status 0 if no client noticed anything, 1 otherwise."
        })
public final class DemoCommand implements Callable<Integer> {
    private static final int SECONDS_PER_UPGRADE = 4;
    private static final int MAX_CONNECTIONS = 25_000;
    private static final int MAX_RATE = 20_000;
    private static final int MAX_RATE_PER_CONNECTION = 500;

    @Spec
    @SuppressWarnings("NullAway.Init") // injected by picocli
    private CommandSpec spec;

    @Option(
            names = "--connections",
            paramLabel = "N",
            defaultValue = "200",
            description = "How many clients (default: ${DEFAULT-VALUE}).")
    private int connections;

    @Option(
            names = "--upgrades",
            paramLabel = "K",
            defaultValue = "3",
            description = "How many successors, one after another (default: ${DEFAULT-VALUE}).")
    private int upgrades;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            description = "How long the clients stream at least; the upgrades are spread over this time (default: "
                    + SECONDS_PER_UPGRADE + " for each upgrade).")
    private @Nullable Integer seconds;

    @Option(
            names = "--rate",
            paramLabel = "FRAMES",
            description = "Frames that all clients together send in a second (default: " + MAX_RATE_PER_CONNECTION
                    + " for each client, " + MAX_RATE + " at most).")
    private @Nullable Integer rate;

    @Option(
            names = "--java",
            split = ",",
            paramLabel = "PATH",
            description = "The Java runtimes of the server's generations, in rotation: java executables or JDK homes"
                    + " (default: the one that runs this).")
    private List<Path> runtimes = List.of();

    @Override
    public Integer call() throws Exception {
        DemoPlan plan = new DemoPlan(
                within("--connections", connections, 1, MAX_CONNECTIONS),
                within("--upgrades", upgrades, 0, 1_000),
                within("--seconds", seconds == null ? Math.max(1, upgrades) * SECONDS_PER_UPGRADE : seconds, 1, 86_400),
                within("--rate", rate == null ? defaultRate(connections) : rate, 1, 1_000_000),
                generations());
        return new Demo(plan, new Progress(System.out)).run() ? 0 : 1;
    }

    private List<JavaRuntime> generations() {
        return runtimes.isEmpty()
                ? List.of(JavaRuntime.current())
                : runtimes.stream().map(JavaRuntime::at).toList();
    }

    private static int defaultRate(int clients) {
        return (int) Math.min(MAX_RATE, (long) MAX_RATE_PER_CONNECTION * clients);
    }

    private int within(String option, int value, int min, int max) {
        return OptionRange.check(spec, option, value, min, max);
    }
}
