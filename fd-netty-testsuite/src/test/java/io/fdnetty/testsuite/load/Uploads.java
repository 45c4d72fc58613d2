package io.fdnetty.testsuite.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Posts bodies of up to eight megabytes over one connection; the backend checks each. Goes on with a new one when it is
 * told that the last has its end.
 */
final class Uploads implements Workers.Worker {
    private static final int MAX_BODY = 8 << 20;

    private final long port;
    private final Random random;
    private final byte[] bytes = new byte[MAX_BODY];
    private @Nullable HttpClientConnection connection;

    Uploads(long port, int number) {
        this.port = port;
        this.random = new Random(number);
        Pattern.fill(bytes, bytes.length, number);
    }

    @Override
    public void round() throws IOException {
        HttpClientConnection open = connection == null ? HttpClientConnection.open(port) : connection;
        connection = open;
        byte[] body = java.util.Arrays.copyOf(bytes, size());
        HttpClientConnection.Answer answer = open.post("/digest", "X-Crc: " + Pattern.checksum(body) + "\r\n", body);
        assertThat(answer.status())
                .as("%s bytes, the backend saw %s", body.length, answer.text())
                .isEqualTo(200);
        if (answer.saysClose()) {
            close();
        }
    }

    /** Mostly small, sometimes nothing, sometimes as large as can be. */
    private int size() {
        int most = MAX_BODY >> random.nextInt(24);
        return most == 0 ? 0 : random.nextInt(most + 1);
    }

    @Override
    public void close() {
        try {
            if (connection != null) {
                connection.close();
                connection = null;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
