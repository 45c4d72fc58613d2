package io.fdnetty.testsuite.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.testing.Background;
import io.fdnetty.testsuite.process.Programs;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An old process that drains a long download stands in nobody's way. */
@Tag("long")
@Timeout(300)
class ThreeGenerationsIT {
    private static final long BYTES = 64 << 20;
    private static final long FIRST_BYTES = 1 << 20;
    private static final int DRAIN_SECONDS = 60;

    @RegisterExtension
    final Programs programs = Programs.underLoad();

    @Test
    void anUpgradeWorksWhileAnOlderProcessStillDrainsADownload() throws Exception {
        Generations proxy = Generations.proxy(programs, "http", Backends.jdk(programs), DRAIN_SECONDS);
        try (Download download = new Download(proxy.port())) {
            CompletableFuture<Long> whole = Background.supply(download::run);
            download.begun.await();

            ChildProcess first = proxy.upgrade();
            ChildProcess second = proxy.upgrade();
            ChildProcess third = proxy.current();

            assertThat(first.isAlive()).as("the first generation drains").isTrue();
            assertThat(first.events("handed-over").get(0).line().number("kept"))
                    .as("the download and its connection to the backend")
                    .isEqualTo(2);
            assertThat(third.isAlive()).isTrue();
            try (HttpClientConnection fresh = HttpClientConnection.open(proxy.port())) {
                assertThat(fresh.get("/small").status()).isEqualTo(200);
            }
            Generations.awaitEnd(second);
            assertThat(first.isAlive()).as("the first generation still drains").isTrue();

            download.goOn.countDown();
            assertThat(whole.get(Generations.LIMIT.toSeconds(), TimeUnit.SECONDS))
                    .isEqualTo(BYTES);
        }
        Generations.awaitEnd(proxy.all().get(0));
    }

    /** Stops after the first megabyte until it is told to go on. */
    private static final class Download implements AutoCloseable {
        private final CountDownLatch begun = new CountDownLatch(1);
        private final CountDownLatch goOn = new CountDownLatch(1);
        private final HttpClientConnection connection;
        private long position;

        Download(long port) throws IOException {
            connection = HttpClientConnection.open(port, 64 << 10);
        }

        long run() {
            try {
                connection.send("GET /download?" + BYTES + " HTTP/1.1\r\nHost: test\r\n\r\n", new byte[0]);
                assertThat(connection.receive(this::take).status()).isEqualTo(200);
                return position;
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }

        private void take(byte[] bytes, int length) throws IOException {
            assertThat(Pattern.firstWrong(bytes, length, position)).isEqualTo(-1);
            position += length;
            if (position >= FIRST_BYTES && begun.getCount() > 0) {
                begun.countDown();
                try {
                    goOn.await();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
            }
        }

        @Override
        public void close() throws IOException {
            goOn.countDown();
            connection.close();
        }
    }
}
