package io.fdnetty.testsuite.chaos.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fdnetty.examples.server.EventLine;
import io.netty.channel.Channel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Carries out in a server what the chaos run has ordered, at the moment that it named.
 *
 * <p>The order lies in a file; the process that removes it carries it out, once. Moments are named by those who call
 * {@link #at}; those of the hand-over's protocol come from the library, if it is told to call this class (system
 * property {@code io.fdnetty.faults}). Thread-safe.
 */
public final class Strikes implements BiConsumer<String, Channel> {
    private static final long GO_LIMIT_NANOS = TimeUnit.SECONDS.toNanos(3);

    private static volatile @Nullable Path directory;
    private static @Nullable Order current;
    private static int seen;

    /** Made by the library. */
    public Strikes() {}

    /**
     * What is to happen.
     *
     * @param nth occasion of the moment in one process, counted from 1
     * @param action {@code tell}: say so and go on; {@code hold}: say so and wait until the one who ordered it has
     *     struck; {@code throw}; {@code slow}: wait for some milliseconds; {@code close} the control socket
     */
    public record Order(int number, String moment, int nth, String action, int millis) {
        /** Puts the order into a directory, whole. */
        public void place(Path directory) throws IOException {
            Path draft = directory.resolve("strike.draft");
            Files.writeString(draft, number + " " + moment + " " + nth + " " + action + " " + millis, UTF_8);
            Files.move(draft, file(directory));
        }

        /** Lets the process go on that was told to hold. */
        public void go(Path directory) throws IOException {
            Files.createFile(directory.resolve("go." + number));
        }

        /** Removes what is left of the order; returns whether nobody carried it out. */
        public boolean withdraw(Path directory) throws IOException {
            Files.deleteIfExists(directory.resolve("go." + number));
            return Files.deleteIfExists(file(directory));
        }

        private static Path file(Path directory) {
            return directory.resolve("strike");
        }

        private static @Nullable Order read(Path directory) {
            try {
                String[] words = Files.readString(file(directory), UTF_8).split(" ", -1);
                return new Order(
                        Integer.parseInt(words[0]),
                        words[1],
                        Integer.parseInt(words[2]),
                        words[3],
                        Integer.parseInt(words[4]));
            } catch (IOException none) {
                return null;
            }
        }
    }

    /** From now on orders are looked for there. */
    static void listen(Path where) {
        directory = where;
    }

    /** A moment of the protocol, on the control loop. */
    @Override
    public void accept(String moment, Channel control) {
        at(moment, control);
    }

    static void at(String moment) {
        at(moment, null);
    }

    private static void at(String moment, @Nullable Channel control) {
        Path where = directory;
        Order order = where == null ? null : due(where, moment);
        if (order != null && where != null && claim(order, where)) {
            carryOut(order, where, control);
        }
    }

    private static synchronized @Nullable Order due(Path where, String moment) {
        Order order = Order.read(where);
        if (order == null || !order.moment.equals(moment)) {
            return null;
        }
        if (current == null || current.number != order.number) {
            current = order;
            seen = 0;
        }
        seen++;
        return seen == order.nth ? order : null;
    }

    private static boolean claim(Order order, Path where) {
        try {
            Files.delete(Order.file(where));
        } catch (IOException another) {
            return false;
        }
        EventLine.of("strike")
                .with("number", order.number)
                .with("pid", ProcessHandle.current().pid())
                .with("moment", order.moment)
                .with("action", order.action)
                .print(System.out);
        return true;
    }

    private static void carryOut(Order order, Path where, @Nullable Channel control) {
        switch (order.action) {
            case "hold" -> hold(where.resolve("go." + order.number));
            case "slow" -> sleep(order.millis);
            case "throw" -> throw new IllegalStateException("planned by the chaos run");
            case "close" -> {
                if (control != null) {
                    control.close();
                }
            }
            default -> {}
        }
    }

    private static void hold(Path go) {
        long limit = System.nanoTime() + GO_LIMIT_NANOS;
        while (!Files.exists(go) && System.nanoTime() - limit < 0) {
            sleep(1);
        }
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
