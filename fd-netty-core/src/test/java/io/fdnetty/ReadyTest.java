package io.fdnetty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fdnetty.testing.DescriptorLeaks;
import io.fdnetty.testing.Eventually;
import io.fdnetty.testing.Logged;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What {@code ready()} waits for, and what it says where it is not said or cannot be. */
@ExtendWith(DescriptorLeaks.class)
@Timeout(60)
class ReadyTest {
    @TempDir
    Path directory;

    private final EventLoopGroup acceptors = new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("acceptors", true), EpollIoHandler.newFactory());
    private final CountDownLatch goOn = new CountDownLatch(1);

    @AfterEach
    void end() {
        goOn.countDown();
        acceptors.shutdownGracefully(20, 10_000, TimeUnit.MILLISECONDS).syncUninterruptibly();
    }

    private Path socket() {
        return directory.resolve("upgrade.sock");
    }

    private Upgrader build(UnaryOperator<UpgraderBuilder> settings) throws UpgradeException {
        return settings.apply(Upgrader.builder(socket()).name("echo")).build();
    }

    private ChannelFuture bind(Upgrader upgrader, int port) {
        return bind(upgrader, port, acceptors);
    }

    private static ChannelFuture bind(Upgrader upgrader, int port, EventLoopGroup group) {
        return new ServerBootstrap()
                .group(group)
                .channelFactory(upgrader.listener("echo"))
                .childHandler(upgrader.movable("echo", new EchoServer.EchoPipeline()))
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    /** Until somebody lets it go on. */
    private void blockAcceptors() {
        CountDownLatch entered = new CountDownLatch(1);
        acceptors.execute(() -> {
            entered.countDown();
            assertThat(goesOn()).isTrue();
        });
        awaitLatch(entered);
    }

    private boolean goesOn() {
        try {
            return goOn.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    @Test
    void aListenerThatIsStillBeingBoundIsWaitedForAndTheConnectionsArriveThere() throws Exception {
        try (EchoServer old = EchoServer.start(socket(), UnaryOperator.identity());
                Socket client = new Socket(InetAddress.getLoopbackAddress(), old.port())) {
            client.setSoTimeout(10_000);
            UpgraderTest.echo(client, "before");
            try (Upgrader next = build(UnaryOperator.identity())) {
                blockAcceptors();
                ChannelFuture binding = bind(next, 0);
                old.group.next().schedule(goOn::countDown, 200, TimeUnit.MILLISECONDS);
                next.ready();
                assertThat(binding.isSuccess()).isTrue();
                assertThat(old.upgrader
                                .handedOver()
                                .toCompletableFuture()
                                .get(10, TimeUnit.SECONDS)
                                .moved())
                        .isEqualTo(1);
                UpgraderTest.echo(client, "after");
                binding.channel().close().sync();
            }
        }
    }

    @Test
    void aBindThatFailsMakesReadyFailAndThePredecessorServesOn() throws Exception {
        try (EchoServer old = EchoServer.start(socket(), UnaryOperator.identity());
                Socket client = new Socket(InetAddress.getLoopbackAddress(), old.port())) {
            client.setSoTimeout(10_000);
            try (Upgrader next = build(UnaryOperator.identity())) {
                bind(next, 1);
                assertThatThrownBy(next::ready)
                        .isInstanceOf(UpgradeException.class)
                        .hasMessageContaining("listener \"echo\" is not bound")
                        .hasMessageContaining("cannot be bound to")
                        .message()
                        .doesNotContain("\n");
            }
            UpgraderTest.echo(client, "still the old one");
            try (EchoServer third = EchoServer.start(socket(), UnaryOperator.identity())) {
                assertThat(third.serving.generation()).isEqualTo(2);
            }
        }
    }

    @Test
    void aColdStartWhoseBindFailsIsNotReady() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Upgrader upgrader = build(UnaryOperator.identity())) {
            bind(upgrader, taken.getLocalPort()).await();
            assertThatThrownBy(upgrader::ready)
                    .isInstanceOf(UpgradeException.class)
                    .hasMessageContaining("listener \"echo\" is not bound")
                    .hasMessageContaining("Address already in use");
        }
    }

    @Test
    void aBindThatFailedBeforeItBeganIsNamedToo() throws Exception {
        EventLoopGroup another =
                new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("nio", true), NioIoHandler.newFactory());
        try (Upgrader upgrader = build(UnaryOperator.identity())) {
            ChannelFuture bound = bind(upgrader, 0, another).awaitUninterruptibly();
            assertThat(bound.cause()).hasMessageContaining("incompatible event loop type");
            assertThatThrownBy(upgrader::ready)
                    .isInstanceOf(UpgradeException.class)
                    .hasMessageContaining("listener \"echo\" is not bound: its channel was closed first");
        } finally {
            another.shutdownGracefully(0, 10, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    @Test
    void aBindThatFailedAndWasTriedAgainDoesNotCount() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Upgrader upgrader = build(UnaryOperator.identity())) {
            bind(upgrader, taken.getLocalPort()).await();
            ServerBootstrap again = new ServerBootstrap()
                    .group(acceptors)
                    .channelFactory(upgrader.listener("echo"))
                    .childHandler(new EchoServer.EchoPipeline()); // a movable kind is made once
            ChannelFuture bound = again.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            upgrader.ready();
            assertThat(bound.isSuccess()).isTrue();
            bound.channel().close().sync();
        }
    }

    @Test
    void aBindThatDoesNotCompleteIsNamedWithinTheStepTimeout() throws Exception {
        try (Upgrader upgrader = build(settings -> settings.stepTimeout(Duration.ofMillis(300)))) {
            blockAcceptors();
            ChannelFuture binding = bind(upgrader, 0);
            assertThatThrownBy(upgrader::ready)
                    .isInstanceOf(UpgradeException.class)
                    .hasMessageContaining("listener \"echo\" is not bound: its bind() has not completed");
            goOn.countDown();
            binding.sync().channel().close().sync();
        }
    }

    @Test
    void aColdStartThatIsNeverReadyIsSaidInTheLog() throws Exception {
        try (Logged log = new Logged();
                Upgrader upgrader = build(settings -> settings.readyTimeout(Duration.ofMillis(100)))) {
            Eventually.holds(
                    "it is said",
                    () -> !log.lines("nothing has called upgrader.ready()").isEmpty());
            assertThat(upgrader.generation()).isZero();
        }
    }
}
