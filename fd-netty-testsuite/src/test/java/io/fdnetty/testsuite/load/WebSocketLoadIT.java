package io.fdnetty.testsuite.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.testsuite.process.Jdks;
import io.fdnetty.testsuite.process.Length;
import io.fdnetty.testsuite.process.Programs;
import java.net.http.HttpClient;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Busy WebSocket clients across upgrades: every message is echoed once, in order, and nobody sees a close frame. */
@Tag("long")
@Timeout(400)
class WebSocketLoadIT {
    private static final int CONNECTING_AT_ONCE = 50;
    private static final int PAUSE_MILLIS = 1000;

    @RegisterExtension
    final Programs programs = Programs.underLoad();

    private final ExecutorService threads = Executors.newFixedThreadPool(2);
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final List<WebSocketClient> clients = new ArrayList<>();

    @AfterEach
    void stop() {
        threads.shutdownNow();
        clock.shutdownNow();
    }

    @Test
    void aThousandClientsOfAServerThatRestoresItsHandlersSeeNothingOfUpgrades() throws Exception {
        upgradeUnder(1000, Length.of(3, 10), WebSocketEchoServer.RESTORED);
    }

    @Test
    void clientsOfAServerThatKnowsNothingOfItSeeNothingOfUpgrades() throws Exception {
        upgradeUnder(200, Length.of(2, 3), WebSocketEchoServer.REPLAYED);
    }

    private void upgradeUnder(int connections, int upgrades, String way) throws Exception {
        Generations server = Generations.start(number -> programs.main(
                "server-" + number,
                Jdks.ofGeneration(number),
                WebSocketEchoServer.class,
                programs.path("s").toString(),
                way));
        connect(server.port(), connections);
        for (int upgrade = 1; upgrade <= upgrades; upgrade++) {
            assertThat(server.upgradeAndEnd().number("moved")).isEqualTo(connections);
            assertThat(clients).noneMatch(WebSocketClient::hasFailed);
        }
        CompletableFuture.allOf(clients.stream().map(WebSocketClient::finish).toArray(CompletableFuture[]::new))
                .get(Generations.LIMIT.toSeconds(), TimeUnit.SECONDS);
        assertThat(clients).allMatch(client -> client.received() > upgrades);
    }

    private void connect(long port, int connections) throws Exception {
        HttpClient client = HttpClient.newBuilder().executor(threads).build();
        List<CompletableFuture<?>> connecting = new ArrayList<>();
        for (int number = 0; number < connections; number++) {
            WebSocketClient each = new WebSocketClient(number, clock, PAUSE_MILLIS);
            clients.add(each);
            connecting.add(each.connect(client, port));
            if (connecting.size() == CONNECTING_AT_ONCE || number == connections - 1) {
                CompletableFuture.allOf(connecting.toArray(CompletableFuture[]::new))
                        .get(Generations.LIMIT.toSeconds(), TimeUnit.SECONDS);
                connecting.clear();
            }
        }
    }
}
