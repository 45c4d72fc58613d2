package io.fdnetty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.fdnetty.testing.Background;
import io.fdnetty.testing.DescriptorLeaks;
import io.fdnetty.testing.Eventually;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** An upgrader that is closed in the middle of a hand-over. */
@ExtendWith(DescriptorLeaks.class)
@Timeout(60)
class CloseTest {
    private static final long PATIENCE_SECONDS = 20;

    @TempDir
    Path directory;

    private final CountDownLatch arrives = new CountDownLatch(1);
    private final CountDownLatch mayArrive = new CountDownLatch(1);
    private final CountDownLatch blocked = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);

    private Path socket() {
        return directory.resolve("upgrade.sock");
    }

    /**
     * The successor takes the role from an incumbent that does not answer; its COMPLETE is in the queue and unread when
     * that one closes.
     */
    @Test
    void anIncumbentThatClosesLeavesTheSocketFileToTheSuccessorWhoseCompleteItHasNotRead() throws Exception {
        try (EchoServer old = EchoServer.start(socket(), UnaryOperator.identity());
                Socket client = new Socket(InetAddress.getLoopbackAddress(), old.port())) {
            client.setSoTimeout(10_000);
            UpgraderTest.echo(client, "before");
            CompletableFuture<EchoServer> starting = Background.supply(this::startSlowly);
            await(arrives);
            old.upgrader.server.control().execute(() -> {
                blocked.countDown();
                await(goOn);
            });
            await(blocked);
            mayArrive.countDown();
            try (EchoServer successor = starting.get(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                assertThat(successor.serving.generation()).isEqualTo(2);
                CompletableFuture<Void> closing = Background.run(old.upgrader::close);
                Eventually.holds("it begins to close", () -> waitingTasks(old) > 0);
                goOn.countDown();
                closing.get(PATIENCE_SECONDS, TimeUnit.SECONDS);

                assertThat(socket()).exists();
                UpgraderTest.echo(client, "after");
                try (EchoServer third = EchoServer.start(socket(), UnaryOperator.identity())) {
                    assertThat(third.serving.generation()).isEqualTo(3);
                    UpgraderTest.echo(client, "and on");
                }
            }
        } finally {
            mayArrive.countDown();
            goOn.countDown();
        }
    }

    /** It has nobody to hand over to; but what starts at the same path may want the same address. */
    @Test
    void whatStartsAfterTheCloseWaitsUntilTheListenersAreClosedToo() throws Exception {
        try (EchoServer old = EchoServer.start(socket(), UnaryOperator.identity())) {
            old.upgrader.close();
            CompletableFuture<EchoServer> starting = Background.supply(() -> start(UnaryOperator.identity()));
            assertThatExceptionOfType(TimeoutException.class)
                    .isThrownBy(() -> starting.get(500, TimeUnit.MILLISECONDS));

            old.listener.close().sync();

            try (EchoServer next = starting.get(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                assertThat(next.serving.generation()).isEqualTo(1);
            }
        }
    }

    private static int waitingTasks(EchoServer server) {
        return ((SingleThreadEventExecutor) server.upgrader.server.control()).pendingTasks();
    }

    private EchoServer startSlowly() {
        ChannelInitializer<Channel> slow = new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                arrives.countDown();
                await(mayArrive);
                channel.pipeline().addLast(new EchoServer.EchoPipeline());
            }
        };
        return start(
                settings -> settings.stepTimeout(Duration.ofSeconds(2)),
                (upgrader, pipeline) -> upgrader.movable("echo", slow));
    }

    private EchoServer start(UnaryOperator<UpgraderBuilder> settings) {
        return start(settings, (upgrader, pipeline) -> upgrader.movable("echo", pipeline));
    }

    private EchoServer start(
            UnaryOperator<UpgraderBuilder> settings,
            BiFunction<Upgrader, ChannelHandler, ChannelHandler> childHandler) {
        try {
            return EchoServer.start(socket(), settings, childHandler);
        } catch (UpgradeException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    @Test
    void aServerThatClosesRemovesItsSocketFileAndTheNextStartIsCold() throws Exception {
        EchoServer.start(socket(), UnaryOperator.identity()).close();
        assertThat(socket()).doesNotExist();
        try (EchoServer next = EchoServer.start(socket(), UnaryOperator.identity())) {
            assertThat(next.upgrader.tookOver()).isFalse();
        }
    }
}
