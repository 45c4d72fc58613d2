package io.fdnetty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fdnetty.testing.Background;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

public class UpgraderTest {
    @TempDir
    Path directory;

    private Path socket() {
        return directory.resolve("upgrade.sock");
    }

    @Test
    void aLiveConnectionGoesOnInTheSuccessor() throws Exception {
        try (EchoServer first = EchoServer.start(socket(), UnaryOperator.identity());
                Socket client = new Socket(InetAddress.getLoopbackAddress(), first.port())) {
            client.setSoTimeout(10_000);
            echo(client, "one");
            try (EchoServer second = EchoServer.start(socket(), UnaryOperator.identity())) {
                UpgradeReport report =
                        first.upgrader.handedOver().toCompletableFuture().get(10, TimeUnit.SECONDS);
                assertThat(report.moved()).isEqualTo(1);
                assertThat(second.port()).isEqualTo(first.port());
                echo(client, "two");
                try (Socket late = new Socket(InetAddress.getLoopbackAddress(), second.port())) {
                    late.setSoTimeout(10_000);
                    echo(late, "three");
                }
                assertThat(second.serving.generation()).isEqualTo(2);
            }
        }
    }

    @Test
    void manyUpgradesInARowLeaveNothingBehind() throws Exception {
        EchoServer serving = EchoServer.start(socket(), UnaryOperator.identity());
        Usage settled = null;
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), serving.port())) {
            client.setSoTimeout(10_000);
            for (int upgrade = 1; upgrade <= 25; upgrade++) {
                EchoServer old = serving;
                serving = EchoServer.start(socket(), UnaryOperator.identity());
                assertThat(old.upgrader
                                .handedOver()
                                .toCompletableFuture()
                                .get(10, TimeUnit.SECONDS)
                                .moved())
                        .isEqualTo(1);
                echo(client, "upgrade " + upgrade);
                old.close();
                if (upgrade == 10) {
                    settled = Usage.now();
                }
            }
            assertThat(serving.serving.generation()).isEqualTo(26);
            Usage.awaitAtMost(settled);
        } finally {
            serving.close();
        }
    }

    @Test
    void aProcessThatStillStartsRefusesASuccessor() throws Exception {
        try (Upgrader starting = Upgrader.builder(socket()).name("echo").build()) {
            assertThat(starting.tookOver()).isFalse();
            assertThatThrownBy(() -> Upgrader.builder(socket()).name("echo").build())
                    .isInstanceOf(UpgradeException.class)
                    .hasMessageContaining("still starting");
        }
    }

    @Test
    void readyIsSaidOnce() throws Exception {
        try (EchoServer first = EchoServer.start(socket(), UnaryOperator.identity())) {
            assertThatThrownBy(first.upgrader::ready)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("already");
            try (EchoServer second = EchoServer.start(socket(), UnaryOperator.identity())) {
                assertThatThrownBy(second.upgrader::ready)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("already");
                first.upgrader.handedOver().toCompletableFuture().get(10, TimeUnit.SECONDS);
                assertThat(second.upgrader.generation()).isEqualTo(2);
            }
            assertThatThrownBy(() -> closedUpgrader().ready())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("closed");
        }
    }

    private Upgrader closedUpgrader() throws UpgradeException {
        Upgrader upgrader =
                Upgrader.builder(directory.resolve("other.sock")).name("echo").build();
        upgrader.close();
        return upgrader;
    }

    /** Without a life-line it cannot know whether the predecessor is dead. */
    @Test
    void aSuccessorWhosePredecessorLeavesBeforeItsWelcomeGivesUpAndTheNextStartIsTheServer() throws Exception {
        CompletableFuture<Void> left;
        try (ServerSocketChannel predecessor = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            predecessor.bind(UnixDomainSocketAddress.of(socket()));
            left = Background.run(() -> leaveAfterHello(predecessor));
            assertThatThrownBy(() -> Upgrader.builder(socket()).name("echo").build())
                    .isInstanceOf(UpgradeException.class)
                    .hasMessageContaining("the predecessor ended the connection");
        }
        left.get(10, TimeUnit.SECONDS);
        try (Upgrader next = Upgrader.builder(socket()).name("echo").build()) {
            assertThat(next.tookOver()).isFalse();
        }
    }

    private static void leaveAfterHello(ServerSocketChannel predecessor) {
        try (SocketChannel successor = predecessor.accept()) {
            assertThat(successor.read(ByteBuffer.allocate(1 << 12))).isPositive();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static void echo(Socket client, String text) throws IOException {
        byte[] bytes = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        DataOutputStream out = new DataOutputStream(client.getOutputStream());
        out.writeInt(bytes.length);
        out.write(bytes);
        DataInputStream in = new DataInputStream(client.getInputStream());
        byte[] answer = new byte[in.readInt()];
        in.readFully(answer);
        assertThat(answer).isEqualTo(bytes);
    }
}
