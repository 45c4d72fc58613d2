package io.fdnetty.examples.demo;

import io.fdnetty.examples.process.JavaRuntime;
import java.time.Duration;
import java.util.List;

/**
 * What to show.
 *
 * @param rate frames per second, of all clients together
 * @param runtimes of the generations, in rotation
 */
record DemoPlan(int connections, int upgrades, int seconds, int rate, List<JavaRuntime> runtimes) {
    /** When an upgrade begins, counted from 1, after the clients have begun to send: evenly spread. */
    Duration begin(int upgrade) {
        return Duration.ofSeconds(seconds).multipliedBy(upgrade).dividedBy(upgrades + 1L);
    }

    Duration end() {
        return Duration.ofSeconds(seconds);
    }
}
