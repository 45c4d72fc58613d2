package io.fdnetty.testsuite.real;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.testsuite.real.RealClient.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** The clients of a {@link RealServer}, each with a thread. Used by one thread. */
final class RealClients {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final long LOOK_MILLIS = 20;

    private final List<RealClient> clients = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    void start(int many, int port, Kind kind) {
        for (int i = 0; i < many; i++) {
            RealClient client = new RealClient(clients.size(), port, kind);
            Thread thread = new Thread(client, "client " + clients.size());
            thread.setDaemon(true);
            clients.add(client);
            threads.add(thread);
            thread.start();
        }
    }

    void awaitLogin() throws InterruptedException {
        await("all are logged in", () -> clients.stream().allMatch(RealClient::isIn));
    }

    /** Waits until each has got another answer. */
    void awaitProgress() throws InterruptedException {
        List<Long> before = clients.stream().map(RealClient::answers).toList();
        await("each gets another answer", () -> {
            for (int i = 0; i < clients.size(); i++) {
                if (clients.get(i).answers() <= before.get(i)) {
                    return false;
                }
            }
            return true;
        });
    }

    /** Bounded; ends at once when a client finds a fault. */
    private void await(String what, BooleanSupplier reached) throws InterruptedException {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!reached.getAsBoolean()) {
            assertNoFault();
            assertThat(System.nanoTime()).as(what).isLessThan(deadline);
            threads.get(0).join(LOOK_MILLIS);
        }
    }

    void assertNoFault() {
        assertThat(clients.stream().map(RealClient::fault).filter(fault -> !fault.isEmpty()))
                .isEmpty();
    }

    /** Lets each get its last answers; none may have found a fault. Returns how many answers there were. */
    long finish() throws InterruptedException {
        clients.forEach(RealClient::stop);
        for (Thread thread : threads) {
            thread.join(LIMIT.toMillis());
            assertThat(thread.isAlive()).as(thread.getName() + " has ended").isFalse();
        }
        assertNoFault();
        return clients.stream().mapToLong(RealClient::answers).sum();
    }

    /**
     * What was said since all were in the room was heard by all that are still waiting for an answer; nothing is
     * missing in between.
     */
    void assertNothingUnheard() {
        long said = clients.stream().mapToLong(RealClient::said).sum();
        for (RealClient client : clients) {
            long first =
                    client.heard().stream().mapToLong(Long::longValue).min().orElse(0);
            long last = client.heard().stream().mapToLong(Long::longValue).max().orElse(0);
            assertThat(last).isLessThanOrEqualTo(said);
            assertThat((long) client.heard().size())
                    .as("heard from " + first + " to " + last)
                    .isEqualTo(last - first + 1);
        }
    }
}
