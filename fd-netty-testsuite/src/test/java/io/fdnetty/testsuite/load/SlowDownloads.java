package io.fdnetty.testsuite.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;

/**
 * Downloads 64 megabytes, each over a connection of its own, at about eight megabytes a second, and checks each byte.
 */
final class SlowDownloads implements Workers.Worker {
    static final long BYTES = 64 << 20;
    private static final long NANOS_PER_KIB = 1_000_000_000L / (8 << 10);
    private static final int RECEIVE_BUFFER = 64 << 10;

    private final long port;
    private long position;
    private long began;

    SlowDownloads(long port) {
        this.port = port;
    }

    @Override
    public void round() throws IOException {
        position = 0;
        began = System.nanoTime();
        try (HttpClientConnection connection = HttpClientConnection.open(port, RECEIVE_BUFFER)) {
            connection.send("GET /download?" + BYTES + " HTTP/1.1\r\nHost: test\r\n\r\n", new byte[0]);
            assertThat(connection.receive(this::take).status()).isEqualTo(200);
        }
        assertThat(position).isEqualTo(BYTES);
    }

    private void take(byte[] bytes, int length) {
        int wrong = Pattern.firstWrong(bytes, length, position);
        assertThat(wrong).as("wrong byte after %s", position).isEqualTo(-1);
        position += length;
        Moments.passed(began + (position >> 10) * NANOS_PER_KIB);
    }

    @Override
    public void close() {}
}
