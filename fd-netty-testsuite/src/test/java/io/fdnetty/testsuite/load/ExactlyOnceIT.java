package io.fdnetty.testsuite.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.testsuite.process.Length;
import io.fdnetty.testsuite.process.Programs;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A request that changes something is executed once, however many upgrades pass over it. */
@Tag("long")
@Timeout(300)
class ExactlyOnceIT {
    private static final int REQUESTS = Length.of(25_000, 100_000);
    private static final int CLIENTS = 16;
    private static final int UPGRADES = Length.of(3, 10);
    private static final int SHARE = REQUESTS / (UPGRADES + 1);
    private static final int DRAIN_SECONDS = 10;

    @RegisterExtension
    final Programs programs = Programs.underLoad();

    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger answered = new AtomicInteger();
    /** One for each upgrade: spread over the requests. */
    private final List<CountDownLatch> shares =
            Stream.generate(() -> new CountDownLatch(SHARE)).limit(UPGRADES).toList();

    @Test
    void eachOfManyPostsIsExecutedExactlyOnce() throws Exception {
        long backend = Backends.jdk(programs);
        Generations proxy = Generations.proxy(programs, "http", backend, DRAIN_SECONDS);
        try (Workers workers = new Workers()) {
            workers.start(CLIENTS, number -> new Poster(proxy.port()));
            for (CountDownLatch share : shares) {
                assertThat(share.await(Generations.LIMIT.toSeconds(), TimeUnit.SECONDS))
                        .isTrue();
                proxy.upgradeAndEnd();
            }
            workers.finish(Generations.LIMIT);
        }
        assertThat(answered).hasValue(REQUESTS);
        try (HttpClientConnection direct = HttpClientConnection.open(backend)) {
            assertThat(direct.get("/counted").text()).isEqualTo(REQUESTS + " ids, " + REQUESTS + " times");
        }
    }

    /** Takes the next number until there is none. */
    private final class Poster implements Workers.Worker {
        private final long port;
        private @Nullable HttpClientConnection connection;

        Poster(long port) {
            this.port = port;
        }

        @Override
        public void round() throws IOException {
            for (int id = take(); id < REQUESTS; id = take()) {
                post(id);
            }
        }

        private int take() {
            return next.getAndUpdate(id -> Math.min(id + 1, REQUESTS));
        }

        private void post(int id) throws IOException {
            HttpClientConnection open = connection == null ? HttpClientConnection.open(port) : connection;
            connection = open;
            HttpClientConnection.Answer answer = open.post("/count?" + id, "", new byte[id % 100]);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.text()).isEqualTo("executed 1");
            int share = answered.getAndIncrement() / SHARE;
            if (share < UPGRADES) {
                shares.get(share).countDown();
            }
            if (answer.saysClose()) {
                close();
            }
        }

        @Override
        public void close() throws IOException {
            if (connection != null) {
                connection.close();
                connection = null;
            }
        }
    }
}
