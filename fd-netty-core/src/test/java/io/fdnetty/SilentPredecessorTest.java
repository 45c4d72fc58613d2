package io.fdnetty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fdnetty.testing.DescriptorLeaks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A predecessor whose control connection ends before it has answered: is there still one? */
@ExtendWith(DescriptorLeaks.class)
class SilentPredecessorTest {
    @TempDir
    Path directory;

    private ServerSocketChannel predecessor;

    @BeforeEach
    void listen() throws IOException {
        predecessor = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        predecessor.bind(UnixDomainSocketAddress.of(socket()));
    }

    @AfterEach
    void close() throws IOException {
        predecessor.close();
    }

    @Test
    void itIsDeadIfNobodyListensAnyMore() throws Exception {
        CompletableFuture<Void> death = CompletableFuture.runAsync(() -> {
            try {
                SocketChannel control = accept();
                predecessor.close();
                control.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });

        try (Upgrader upgrader = builder().build()) {
            assertThat(upgrader.tookOver()).isFalse();
            upgrader.ready();
            death.join();
            try (Upgrader next = builder().build()) {
                assertThat(next.tookOver()).isTrue();
                next.ready();
                upgrader.handedOver().toCompletableFuture().join();
            }
        }
    }

    @Test
    void itServesOnIfItListens() throws Exception {
        CompletableFuture<Void> silence = CompletableFuture.runAsync(() -> {
            try {
                accept().close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });

        assertThatThrownBy(() -> builder().build())
                .isInstanceOf(UpgradeException.class)
                .hasMessageContaining("the predecessor serves on");
        silence.join();
    }

    /** Reads the beginning of HELLO, so that the end of this connection is no reset. */
    private SocketChannel accept() throws IOException {
        SocketChannel control = predecessor.accept();
        control.read(ByteBuffer.allocate(1 << 12));
        return control;
    }

    private UpgraderBuilder builder() {
        return Upgrader.builder(socket()).name("chat");
    }

    private Path socket() {
        return directory.resolve("upgrade.sock");
    }
}
