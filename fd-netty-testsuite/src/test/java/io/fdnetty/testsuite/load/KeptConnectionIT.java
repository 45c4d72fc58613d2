package io.fdnetty.testsuite.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.testsuite.process.Programs;
import io.fdnetty.testsuite.process.Tools;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The clients that people use keep their one connection over an upgrade. */
@Tag("long")
@Timeout(300)
class KeptConnectionIT {
    private static final int UPGRADES = 2;
    private static final int DRAIN_SECONDS = 10;
    private static final int MOST_CURL_REQUESTS = 1000;

    @RegisterExtension
    final Programs programs = Programs.underLoad();

    private Generations proxy;

    @BeforeEach
    void startProxy() throws Exception {
        proxy = Generations.proxy(programs, "http", Backends.jdk(programs), DRAIN_SECONDS);
    }

    /**
     * It asks again and again, some times a second; each line is the status, the local port, and how often it had to
     * connect.
     */
    @Test
    void curl() throws Exception {
        Tools.require("curl");
        List<String> command = new ArrayList<>(List.of("curl", "--no-progress-meter", "--rate", "6/s", "-w"));
        command.add("event=request status=%{http_code} port=%{local_port} connects=%{num_connects}\\n");
        for (int i = 0; i < MOST_CURL_REQUESTS; i++) {
            command.addAll(List.of("-o", "/dev/null", "http://127.0.0.1:" + proxy.port() + "/small?" + i));
        }
        ChildProcess curl = programs.command("curl", command);
        for (int upgrade = 1; upgrade <= UPGRADES; upgrade++) {
            curl.await("request", curl.events("request").size() + 5, Generations.LIMIT);
            proxy.upgradeAndEnd();
        }
        curl.await("request", curl.events("request").size() + 5, Generations.LIMIT);
        curl.signal("TERM");
        curl.awaitExit(Generations.LIMIT);
        List<ChildProcess.Event> requests = curl.events("request");
        assertSamePort(requests.subList(0, requests.size() - 1)); // the last line may have been cut short by the signal
        assertThat(requests.stream()
                        .mapToLong(event -> Math.max(0, event.line().number("connects")))
                        .sum())
                .as("connections that curl made")
                .isEqualTo(1);
    }

    @Test
    void python() throws Exception {
        Tools.require("python3");
        ChildProcess python = programs.python("http_client.py", String.valueOf(proxy.port()));
        for (int upgrade = 1; upgrade <= UPGRADES; upgrade++) {
            python.await("request", python.events("request").size() + 5, Generations.LIMIT);
            proxy.upgradeAndEnd();
        }
        python.await("request", python.events("request").size() + 5, Generations.LIMIT);
        python.signal("INT");
        python.await("done", Generations.LIMIT);
        assertThat(python.awaitExit(Generations.LIMIT)).isZero();
        assertSamePort(python.events("request"));
    }

    @Test
    void java() throws Exception {
        HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + proxy.port() + "/small"))
                .build();
        assertThat(client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
                .isEqualTo(200);
        Set<Integer> port = Connections.localPortsTo(proxy.port());
        assertThat(port).hasSize(1);
        for (int upgrade = 1; upgrade <= UPGRADES; upgrade++) {
            proxy.upgradeAndEnd();
            for (int i = 0; i < 5; i++) {
                assertThat(client.send(request, HttpResponse.BodyHandlers.ofString())
                                .statusCode())
                        .isEqualTo(200);
                assertThat(Connections.localPortsTo(proxy.port())).isEqualTo(port);
            }
        }
    }

    private static void assertSamePort(List<ChildProcess.Event> all) {
        assertThat(all)
                .allSatisfy(event -> assertThat(event.line().number("status")).isEqualTo(200));
        assertThat(all.stream().map(event -> event.line().number("port")).collect(Collectors.toSet()))
                .as("local ports")
                .hasSize(1);
    }
}
