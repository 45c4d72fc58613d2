package io.fdnetty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fdnetty.testing.DescriptorLeaks;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A successor's author does not take every connection that arrives. */
@ExtendWith(DescriptorLeaks.class)
class RefusedArrivalTest {
    @TempDir
    Path directory;

    @Test
    void aConnectionThatTheNewVersionWouldNotHaveMadeStaysInTheOldOneWithTheReason() throws Exception {
        Path socket = directory.resolve("s");
        CompletableFuture<UpgradeReport> handedOver = new CompletableFuture<>();
        try (EchoServer first = EchoServer.start(socket, settings -> settings.listener(completing(handedOver)));
                Socket taken = connect(first);
                Socket refused = connect(first)) {
            UpgraderTest.echo(taken, "a");
            UpgraderTest.echo(refused, "b");
            try (EchoServer second = EchoServer.start(
                    socket,
                    UnaryOperator.identity(),
                    (upgrader, echo) -> upgrader.movable("echo", refusing(refused.getLocalPort(), echo)))) {
                CompletableFuture<UpgradeReport> drained =
                        first.upgrader.handedOver().toCompletableFuture();
                UpgradeReport report = handedOver.get(10, TimeUnit.SECONDS);
                UpgraderTest.echo(taken, "it moved");
                UpgraderTest.echo(refused, "it stayed");
                assertThat(report.moved()).isEqualTo(1);
                assertThat(report.keptReasons()).containsOnly(Map.entry("rejected: its port is not wanted", 1L));
                assertThat(drained).isNotDone();
                refused.shutdownOutput();
                assertThat(drained.get(10, TimeUnit.SECONDS).closed()).isEqualTo(1);
                assertThat(second.upgrader.tookOver()).isTrue();
            }
        }
    }

    @Test
    void onlyAConnectionThatArrivesCanBeRefused() {
        EmbeddedChannel accepted = new EmbeddedChannel();
        assertThatThrownBy(() -> Connections.refuseArrival(accepted, "late"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is not arriving");
        accepted.close();
    }

    private static UpgradeListener completing(CompletableFuture<UpgradeReport> handedOver) {
        return new UpgradeListener() {
            @Override
            public void handedOver(UpgradeReport report) {
                handedOver.complete(report);
            }
        };
    }

    private static Socket connect(EchoServer server) throws Exception {
        Socket client = new Socket(InetAddress.getLoopbackAddress(), server.port());
        client.setSoTimeout(10_000);
        return client;
    }

    private static ChannelHandler refusing(int port, ChannelHandler echo) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel child) {
                if (Connections.isArriving(child) && port(child) == port) {
                    Connections.refuseArrival(child, "its port is not wanted");
                }
                child.pipeline().addLast(echo);
            }
        };
    }

    private static int port(Channel child) {
        return ((InetSocketAddress) child.remoteAddress()).getPort();
    }
}
