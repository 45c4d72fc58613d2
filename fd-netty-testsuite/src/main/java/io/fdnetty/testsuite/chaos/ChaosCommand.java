package io.fdnetty.testsuite.chaos;

import io.fdnetty.examples.OptionRange;
import io.fdnetty.examples.demo.Progress;
import io.fdnetty.examples.process.JavaRuntime;
import io.fdnetty.testsuite.chaos.server.PlantedBug;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Upgrades under load and under faults. */
@Command(
        name = "chaos",
        description = {
            "Upgrades a server without a pause, with clients that never pause; most upgrades are struck by a fault that"
                    + " follows from the seed (processes killed, stopped, slow, out of descriptors ...). Each is a line"
                    + " of the trace.",
            "Ends with exit status 1 if a connection whose owner lived lost, doubled or reordered a byte, if the"
                    + " kernel's counters disagree with the servers', or if something leaked."
        })
public final class ChaosCommand implements Callable<Integer> {
    private static final int MAX_CONNECTIONS = 1_000;
    private static final int MAX_RATE = 1_000_000;

    @Spec
    @SuppressWarnings("NullAway.Init") // injected by picocli
    private CommandSpec spec;

    @Parameters(paramLabel = "SEED", description = "Decides which fault comes when; any integer.")
    private long seed;

    @Option(
            names = "--minutes",
            paramLabel = "M",
            defaultValue = "2",
            description = "How long it goes on; 0.5 is half a minute (default: ${DEFAULT-VALUE}).")
    private double minutes;

    @Option(
            names = "--connections",
            paramLabel = "N",
            defaultValue = "60",
            description = "How many clients (default: ${DEFAULT-VALUE}).")
    private int connections;

    @Option(
            names = "--rate",
            paramLabel = "FRAMES",
            defaultValue = "1500",
            description = "Frames that all clients together send in a second (default: ${DEFAULT-VALUE}).")
    private int rate;

    @Option(
            names = "--java",
            split = ",",
            paramLabel = "PATH",
            description = "The Java runtimes of the server's generations, in rotation: java executables or JDK homes"
                    + " (default: the one that runs this).")
    private List<Path> runtimes = List.of();

    @Option(names = "--plant", hidden = true, defaultValue = "NONE")
    private PlantedBug plant = PlantedBug.NONE;

    @Override
    public Integer call() throws Exception {
        ChaosPlan plan = new ChaosPlan(
                seed,
                Duration.ofMillis(Math.round(minutes * 60_000)),
                OptionRange.check(spec, "--connections", connections, 1, MAX_CONNECTIONS),
                OptionRange.check(spec, "--rate", rate, 1, MAX_RATE),
                generations(),
                plant.name());
        return new Chaos(plan, new Progress(System.out)).run() ? 0 : 1;
    }

    private List<JavaRuntime> generations() {
        return runtimes.isEmpty()
                ? List.of(JavaRuntime.current())
                : runtimes.stream().map(JavaRuntime::at).toList();
    }
}
