package io.fdnetty;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.testing.Background;
import io.fdnetty.testing.DescriptorLeaks;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import java.net.InetAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Where two processes want the same role at the same instant exactly one gets it, and nobody's socket file is removed.
 */
@ExtendWith(DescriptorLeaks.class)
class TwoAtOnceTest {
    private static final int ROUNDS = Integer.getInteger("fdnetty.rounds", 10);
    private static final int RIVALS = 3;
    private static final long PATIENCE_SECONDS = 20;

    @TempDir
    Path directory;

    private Path socket() {
        return directory.resolve("upgrade.sock");
    }

    @Test
    void ofSuccessorsAtTheSameInstantOneTakesOver() throws Exception {
        try (EchoServer incumbent = EchoServer.start(socket(), UnaryOperator.identity());
                Socket client = client(incumbent)) {
            Object inode = inode();
            for (int round = 0; round < ROUNDS; round++) {
                try (Upgrader winner = race("is taking over already")) {
                    assertThat(winner.tookOver()).isTrue();
                    winner.refuse("only a rehearsal");
                }
                UpgraderTest.echo(client, "round " + round);
            }
            assertThat(inode()).isEqualTo(inode);
            assertIsRelieved(incumbent, client);
        }
    }

    @Test
    void ofColdStartsAtTheSameInstantOneIsTheServer() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            if (round % 2 == 1) {
                leaveStaleSocket();
            }
            try (Upgrader winner = race("is itself still starting")) {
                Object inode = inode();
                assertThat(winner.tookOver()).isFalse();
                winner.ready();
                try (Upgrader next = builder().build()) {
                    assertThat(next.tookOver()).isTrue();
                    next.ready();
                    awaitHandedOver(winner);
                    assertThat(inode()).isEqualTo(inode);
                }
            }
        }
    }

    @Test
    void aSuccessorThatComesDuringAnothersConnectionsIsToldSo() throws Exception {
        CountDownLatch arrives = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        try (EchoServer incumbent = EchoServer.start(socket(), UnaryOperator.identity());
                Socket client = client(incumbent)) {
            Object inode = inode();
            CompletableFuture<EchoServer> first = background(() -> start(arrives, goOn));
            assertThat(arrives.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();

            for (int i = 0; i < RIVALS; i++) {
                assertThat(reasonOf(this::build)).contains("is taking over already");
            }
            goOn.countDown();

            try (EchoServer successor = first.get(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                assertThat(awaitHandedOver(incumbent.upgrader).moved()).isEqualTo(1);
                UpgraderTest.echo(client, "moved");
                assertThat(inode()).isEqualTo(inode);
                assertIsRelieved(successor, client);
            }
        } finally {
            goOn.countDown();
        }
    }

    /** A server whose first connection arrives slowly. */
    private EchoServer start(CountDownLatch arrives, CountDownLatch goOn) throws Exception {
        ChannelInitializer<Channel> slow = new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) throws Exception {
                arrives.countDown();
                assertThat(goOn.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
                channel.pipeline().addLast(new EchoServer.EchoPipeline());
            }
        };
        return EchoServer.start(
                socket(),
                UnaryOperator.identity(),
                (upgrader, pipeline) -> upgrader.movable("echo", (ChannelHandler) slow));
    }

    private void assertIsRelieved(EchoServer incumbent, Socket client) throws Exception {
        try (EchoServer successor = EchoServer.start(socket(), UnaryOperator.identity())) {
            assertThat(awaitHandedOver(incumbent.upgrader).moved()).isEqualTo(1);
            UpgraderTest.echo(client, "relieved");
            assertThat(successor.upgrader.generation()).isGreaterThanOrEqualTo(2);
        }
    }

    private static UpgradeReport awaitHandedOver(Upgrader upgrader) throws Exception {
        return upgrader.handedOver().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** Lets rivals build at the same instant; the losers must all end with this reason, in one line. */
    private Upgrader race(String reason) throws Exception {
        CyclicBarrier line = new CyclicBarrier(RIVALS);
        List<CompletableFuture<Object>> rivals = new ArrayList<>();
        for (int i = 0; i < RIVALS; i++) {
            rivals.add(background(() -> {
                line.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
                return upgraderOrReason();
            }));
        }
        Upgrader winner = null;
        for (CompletableFuture<Object> rival : rivals) {
            Object result = rival.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (result instanceof Upgrader upgrader) {
                assertThat(winner).as("a second winner").isNull();
                winner = upgrader;
            } else {
                assertThat((String) result).contains(reason).doesNotContain("\n");
            }
        }
        assertThat(winner).as("a winner").isNotNull();
        return winner;
    }

    private Object upgraderOrReason() {
        try {
            return build();
        } catch (UpgradeException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private UpgraderBuilder builder() {
        return Upgrader.builder(socket()).name("echo");
    }

    private Upgrader build() throws UpgradeException {
        return builder().build();
    }

    private static <T> CompletableFuture<T> background(Callable<T> task) {
        return Background.supply(() -> {
            try {
                return task.call();
            } catch (Exception e) {
                throw new CompletionException(e);
            }
        });
    }

    private interface Start {
        @Nullable
        AutoCloseable start() throws Exception;
    }

    private static String reasonOf(Start start) throws Exception {
        try (AutoCloseable started = start.start()) {
            throw new AssertionError("it started: " + started);
        } catch (UpgradeException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private static Socket client(EchoServer server) throws Exception {
        Socket client = new Socket(InetAddress.getLoopbackAddress(), server.port());
        client.setSoTimeout(10_000);
        UpgraderTest.echo(client, "before");
        return client;
    }

    /** As a process that was killed leaves it. */
    private void leaveStaleSocket() throws Exception {
        Files.deleteIfExists(socket());
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(socket()));
        }
        assertThat(socket()).exists();
    }

    private Object inode() throws Exception {
        return Files.getAttribute(socket(), "unix:ino");
    }
}
