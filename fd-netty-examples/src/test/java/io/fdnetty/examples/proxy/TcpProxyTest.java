package io.fdnetty.examples.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.testing.DescriptorLeaks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(DescriptorLeaks.class)
class TcpProxyTest {
    @TempDir
    Path directory;

    private ScriptedBackend backend;
    private RunningProxy proxy;

    @BeforeEach
    void start() throws Exception {
        backend = new ScriptedBackend();
        ProxySettings settings = RunningProxy.settings(backend.port());
        proxy = RunningProxy.start(
                directory.resolve("s"),
                ProxyMode.TCP,
                new ProxySettings(settings.backend(), "backend", 2, 1, settings.times()));
    }

    @AfterEach
    void stop() throws Exception {
        proxy.close();
        backend.close();
    }

    @Test
    void bytesPassBothWaysAndEachEndPassesByItself() throws Exception {
        try (RawPeer client = proxy.connect()) {
            client.sendRaw("ask");
            RawPeer server = backend.accept();
            assertThat(server.text(3)).isEqualTo("ask");
            server.sendRaw("answer");
            assertThat(client.text(6)).isEqualTo("answer");
            client.sendRaw("more").shutdownOutput();
            assertThat(server.rest()).isEqualTo("more");
            server.sendRaw("late answer").shutdownOutput();
            assertThat(client.rest()).isEqualTo("late answer");
        }
    }

    @Test
    void theBackendMayEndFirst() throws Exception {
        try (RawPeer client = proxy.connect()) {
            RawPeer server = backend.accept();
            server.sendRaw("bye").shutdownOutput();
            assertThat(client.rest()).isEqualTo("bye");
            client.sendRaw("still here").shutdownOutput();
            assertThat(server.rest()).isEqualTo("still here");
        }
    }

    @Test
    void whoeverReadsSlowlySlowsTheSender() throws Exception {
        int size = 16 << 20;
        try (RawPeer client = proxy.connect()) {
            RawPeer server = backend.accept();
            Thread up = sender(client, size);
            Thread down = sender(server, size);
            server.bytes(size);
            client.bytes(size);
            up.join();
            down.join();
        }
    }

    private static Thread sender(RawPeer peer, int size) {
        Thread thread = new Thread(() -> {
            try {
                peer.send(new byte[size]);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        thread.start();
        return thread;
    }

    @Test
    void noBackendNoConnection() throws Exception {
        backend.close();
        try (RawPeer client = proxy.connect()) {
            assertThat(client.rest()).isEmpty();
        }
    }

    @Test
    void theOneTooManyIsTurnedAway() throws Exception {
        try (RawPeer first = proxy.connect();
                RawPeer second = proxy.connect();
                RawPeer third = proxy.connect()) {
            assertThat(third.rest()).isEmpty();
            first.sendRaw("x");
            second.sendRaw("x");
            assertThat(backend.accept().text(1) + backend.accept().text(1)).isEqualTo("xx");
        }
    }
}
