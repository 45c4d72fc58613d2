package io.fdnetty.testsuite.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Asks over one connection for answers that take two seconds: at every upgrade some are on their way. */
final class SlowAnswers implements Workers.Worker {
    private static final int MILLIS = 2_000;

    private final long port;
    private @Nullable HttpClientConnection connection;

    SlowAnswers(long port) {
        this.port = port;
    }

    @Override
    public void round() throws IOException {
        HttpClientConnection open = connection == null ? HttpClientConnection.open(port) : connection;
        connection = open;
        HttpClientConnection.Answer answer = open.get("/slow?" + MILLIS);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text()).isEqualTo("at last\n");
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
