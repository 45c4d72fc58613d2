package io.fdnetty.testsuite.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Clients that exchange messages with their server all the time, for tests. Thread-safe; its owner closes it. */
final class Traffic implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int MAX_CLIENTS = 64;
    private static final long PAUSE_MILLIS = 5;

    private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(MAX_CLIENTS);
    private final List<Client> clients = new ArrayList<>();
    private boolean closed;

    /** How a client is made. */
    interface Source {
        EchoClient connect() throws IOException;
    }

    private final class Client {
        final String name;
        final EchoClient connection;
        long exchanges;
        String failure = "";

        Client(String name, EchoClient connection) {
            this.name = name;
            this.connection = connection;
        }

        void step() {
            try {
                connection.exchange();
                report("");
            } catch (IOException e) {
                report(name + " after " + exchanges + " exchanges: " + e);
                throw new IllegalStateException(e); // ends its schedule
            }
        }

        private void report(String reason) {
            synchronized (Traffic.this) {
                exchanges++;
                failure = closed ? "" : reason;
                Traffic.this.notifyAll();
            }
        }
    }

    /** Connects this many clients more, which begin at once; at most {@value #MAX_CLIENTS} in all. */
    void add(String name, int count, Source source) throws IOException {
        for (int i = 0; i < count; i++) {
            Client client = new Client(name, source.connect());
            synchronized (this) {
                clients.add(client);
            }
            threads.scheduleWithFixedDelay(client::step, i, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /** Waits until every client has made so many exchanges more; fails if one noticed anything. */
    synchronized void awaitExchanges(int more) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        List<Long> targets =
                clients.stream().map(client -> client.exchanges + more).toList();
        for (int i = 0; i < targets.size(); i++) {
            Client client = clients.get(i);
            while (client.exchanges < targets.get(i)) {
                assertNothingNoticed();
                long millis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                assertThat(millis).as("time for %s", client.name).isPositive();
                wait(millis);
            }
        }
        assertNothingNoticed();
    }

    private void assertNothingNoticed() {
        assertThat(clients.stream().map(client -> client.failure).filter(reason -> !reason.isEmpty()))
                .isEmpty();
    }

    /** Closes the clients of a name; they take no further part. */
    synchronized void remove(String name) throws IOException {
        for (Client client : List.copyOf(clients)) {
            if (client.name.equals(name)) {
                clients.remove(client);
                client.connection.close();
            }
        }
    }

    @Override
    public void close() throws IOException {
        synchronized (this) {
            closed = true;
        }
        threads.shutdownNow();
        for (Client client : clients) {
            client.connection.close();
        }
        try {
            assertThat(threads.awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
