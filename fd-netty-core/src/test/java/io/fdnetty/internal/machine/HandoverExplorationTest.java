package io.fdnetty.internal.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Runs both machines against each other in thousands of orders, with deaths, hangs and failing writes at any step.
 *
 * <p>A run is decided by its seed; a failure names it. {@code -Dexplore.seed=N} runs that one again and prints what
 * happened, {@code -Dexplore.runs=N} runs more.
 */
class HandoverExplorationTest {
    private static final int RUNS = Integer.getInteger("explore.runs", 5_000);
    private static final String[] EVERY_OUTCOME = {
        "StopConnections",
        "StopWaiting",
        "LetGo",
        "ReleaseUnits",
        "ResumeUnits",
        "Revoke",
        "ResumeAccepting",
        "RoleHandedOver",
        "StartUnits",
        "AbandonUnits",
        "ShutControl",
        "ServeAlone",
        "GiveUp",
        "ServerNow",
        "AskLifeline",
        "byte",
        "pipe closed",
        "silence"
    };

    private final Map<String, Integer> changes = new TreeMap<>();
    private final Set<String> reached = new TreeSet<>();

    @Test
    void everyConnectionHasExactlyOneOwnerInEveryOrderOfEvents() {
        Long seed = Long.getLong("explore.seed");
        if (seed != null) {
            explore(seed, true);
            return;
        }
        for (long i = 0; i < RUNS; i++) {
            explore(i, false);
        }
        System.out.println("explored " + RUNS + " runs; changes of phase: " + changes);
        assertThat(reached).as("what the runs reached").contains(EVERY_OUTCOME);
    }

    private void explore(long seed, boolean show) {
        Simulation simulation = new Simulation(seed * 0x9E3779B97F4A7C15L);
        try {
            simulation.run();
        } catch (AssertionError | RuntimeException e) {
            String tail = String.join("\n", simulation.log());
            throw new AssertionError(
                    "seed " + seed + " (run again with -Dexplore.seed=" + seed + "): " + e + "\n" + tail, e);
        }
        for (String line : simulation.log()) {
            count(line);
            if (show) {
                System.out.println(line);
            }
        }
    }

    private void count(String line) {
        if (line.contains(" -> ")) {
            String change = line.replaceAll("\\[.*?\\]+(?= ->|$)", "");
            changes.merge(change, 1, Integer::sum);
        } else if (line.startsWith("step")) {
            reached.add(line.replaceAll("step [IS]: |\\[.*", ""));
        }
    }
}
