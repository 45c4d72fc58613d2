package io.fdnetty.testsuite.chaos;

import io.fdnetty.examples.process.JavaRuntime;
import java.time.Duration;
import java.util.List;

/**
 * What a chaos run does.
 *
 * @param rate frames per second, of all clients together
 * @param runtimes of the generations, in rotation
 * @param plant a fault of the servers' own, by which the checks are checked; {@code NONE}
 */
record ChaosPlan(long seed, Duration duration, int connections, int rate, List<JavaRuntime> runtimes, String plant) {
    Strike strike(int number) {
        return new StrikePlan(seed, connections).strike(number);
    }
}
