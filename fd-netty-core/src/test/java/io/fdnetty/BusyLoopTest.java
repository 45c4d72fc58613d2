package io.fdnetty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fdnetty.internal.incumbent.RollingMover;
import io.fdnetty.move.MovableHandler;
import io.fdnetty.move.MoveDecision;
import io.fdnetty.move.MoveOptions;
import io.fdnetty.testing.Background;
import io.fdnetty.testing.DescriptorLeaks;
import io.fdnetty.testing.Eventually;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One event loop of several is busy with something else, in the old process or in the new one, for a while or for ever.
 */
@ExtendWith(DescriptorLeaks.class)
@Timeout(60)
@SuppressWarnings("try") // closing is all that some servers are for
class BusyLoopTest {
    private static final int CLIENTS = 40;
    private static final Duration STEP = Duration.ofSeconds(3);

    @TempDir
    Path directory;

    private final CountDownLatch free = new CountDownLatch(1);
    private final List<Socket> clients = new ArrayList<>();
    private final HandedOver handedOver = new HandedOver();

    @AfterEach
    void goOn() throws IOException {
        free.countDown();
        for (Socket client : clients) {
            client.close();
        }
    }

    @Test
    void aBusyLoopOfTheOldProcessDelaysItsOwnConnectionsOnly() throws Exception {
        try (EchoServer old = EchoServer.start(
                socket(), this::patient, (upgrader, author) -> upgrader.movable("echo", author, stateless()))) {
            connect(old.port());
            int stuck = block(old);
            try (EchoServer next = EchoServer.start(
                            socket(),
                            this::patient,
                            (upgrader, author) -> upgrader.movable("echo", author, stateless()));
                    Freeing first = free::countDown) {
                UpgradeReport then = handedOver.report.get(10, TimeUnit.SECONDS);
                assertThat(then.keptReasons()).containsEntry(RollingMover.NO_ANSWER, (long) stuck);
                assertThat(then.moved()).isEqualTo(CLIENTS - stuck);
                free.countDown();
                UpgradeReport end =
                        old.upgrader.handedOver().toCompletableFuture().get(20, TimeUnit.SECONDS);
                assertThat(end.moved()).isEqualTo(CLIENTS);
                assertAllGoOn();
                assertThat(next.serving.generation()).isEqualTo(2);
            }
        }
    }

    @Test
    void aConnectionThatABusyLoopHasNotRegisteredYetFollows() throws Exception {
        try (EchoServer old = EchoServer.start(
                socket(), this::patient, (upgrader, author) -> upgrader.movable("echo", author, stateless()))) {
            connect(old.port());
            block(old);
            Socket first = request(old.port());
            Socket second = request(old.port());
            Eventually.holds("one is served", () -> hasAnswer(first) || hasAnswer(second));
            try (EchoServer next = EchoServer.start(
                            socket(),
                            this::patient,
                            (upgrader, author) -> upgrader.movable("echo", author, stateless()));
                    Freeing last = free::countDown) {
                handedOver.report.get(10, TimeUnit.SECONDS);
                free.countDown();
                UpgradeReport end =
                        old.upgrader.handedOver().toCompletableFuture().get(20, TimeUnit.SECONDS);
                assertThat(end.closed()).isZero();
                assertThat(first.getInputStream().readNBytes(5)).hasSize(5);
                assertThat(second.getInputStream().readNBytes(5)).hasSize(5);
                assertAllGoOn();
                assertThat(next.serving.generation()).isEqualTo(2);
            }
        }
    }

    private Socket request(int port) throws IOException {
        Socket client = new Socket(InetAddress.getLoopbackAddress(), port);
        client.setSoTimeout(20_000);
        client.getOutputStream().write(new byte[] {0, 0, 0, 1, 7});
        clients.add(client);
        return client;
    }

    private static boolean hasAnswer(Socket client) {
        try {
            return client.getInputStream().available() > 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aHungLoopOfTheOldProcessIsReportedAndTheProcessMayEnd() throws Exception {
        try (EchoServer old = EchoServer.start(
                socket(),
                settings -> patient(settings).drainTimeout(Duration.ofSeconds(1)),
                (upgrader, author) -> upgrader.movable("echo", author, stateless()))) {
            connect(old.port());
            int stuck = block(old);
            try (EchoServer next = EchoServer.start(
                            socket(),
                            this::patient,
                            (upgrader, author) -> upgrader.movable("echo", author, stateless()));
                    Freeing first = free::countDown) {
                UpgradeReport end =
                        old.upgrader.handedOver().toCompletableFuture().get(20, TimeUnit.SECONDS);
                assertThat(end.moved()).isEqualTo(CLIENTS - stuck);
                assertThat(end.keptReasons()).containsEntry(RollingMover.NO_ANSWER, (long) stuck);
                assertThat(next.serving.generation()).isEqualTo(2);
                free.countDown();
            }
        }
    }

    @Test
    void aLoopOfTheNewProcessThatIsBusyBeforeItIsReadyCallsTheUpgradeOff() throws Exception {
        try (EchoServer old = EchoServer.start(
                socket(), this::patient, (upgrader, author) -> upgrader.movable("echo", author, stateless()))) {
            connect(old.port());
            CompletableFuture<Void> successor = Background.run(() -> assertThatThrownBy(() -> EchoServer.start(
                            socket(),
                            this::patient,
                            (upgrader, author) -> upgrader.movable("echo", author, stateless()),
                            this::block))
                    .hasMessageContaining("has not run a task"));
            try {
                assertThat(handedOver.failed.get(20, TimeUnit.SECONDS)).contains("has not run a task");
                assertAllGoOn();
            } finally {
                free.countDown();
            }
            successor.get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void aBusyLoopOfTheNewProcessCostsNobodyItsConnection() throws Exception {
        try (EchoServer old = EchoServer.start(
                socket(), this::patient, (upgrader, author) -> upgrader.movable("echo", author, stateless()))) {
            connect(old.port());
            AtomicBoolean blocked = new AtomicBoolean();
            try (EchoServer next = EchoServer.start(
                            socket(),
                            this::patient,
                            (upgrader, author) ->
                                    upgrader.movable("echo", new Blocking(author, blocked), stateless()));
                    Freeing first = free::countDown) {
                UpgradeReport then = handedOver.report.get(20, TimeUnit.SECONDS);
                assertThat(then.kept()).isPositive();
                assertThat(then.kept() + then.moved()).isEqualTo(CLIENTS);
                assertThat(then.keptReasons().keySet()).allMatch(reason -> reason.contains("event loop"));
                assertAllGoOn();
                free.countDown();
                UpgradeReport end =
                        old.upgrader.handedOver().toCompletableFuture().get(20, TimeUnit.SECONDS);
                assertThat(end.moved()).isEqualTo(CLIENTS);
                assertAllGoOn();
                assertThat(next.serving.generation()).isEqualTo(2);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void closingWhileConnectionsAreCapturedLeavesNoneStopped(boolean together) throws Exception {
        Saving saving = new Saving();
        UnaryOperator<UpgraderBuilder> settings =
                builder -> together ? patient(builder).together(Duration.ofSeconds(20)) : patient(builder);
        try (EchoServer old = EchoServer.start(
                        socket(),
                        settings,
                        (upgrader, author) ->
                                upgrader.movable("echo", new Appending(author, saving), MoveOptions.restored()));
                Freeing first = free::countDown) {
            connect(old.port());
            CompletableFuture<Void> successor = Background.run(() -> startAndFail(saving));
            assertThat(saving.begun.await(10, TimeUnit.SECONDS)).isTrue();
            old.upgrader.withdraw();
            free.countDown();
            assertAllGoOn();
            successor.get(20, TimeUnit.SECONDS);
        }
    }

    private void startAndFail(Saving saving) {
        try (EchoServer next = EchoServer.start(
                socket(),
                this::patient,
                (upgrader, author) ->
                        upgrader.movable("echo", new Appending(author, saving), MoveOptions.restored()))) {
            next.upgrader.handedOver().toCompletableFuture().get(20, TimeUnit.SECONDS);
            throw new AssertionError("it took over");
        } catch (UpgradeException e) {
            assertThat(e).hasMessageContaining("the incumbent is closing");
        } catch (ExecutionException e) {
            assertThat(e.getCause()).hasMessageContaining("the incumbent is closing");
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    private UpgraderBuilder patient(UpgraderBuilder settings) {
        return settings.stepTimeout(STEP).listener(handedOver);
    }

    private static MoveOptions stateless() {
        return MoveOptions.asAccepted();
    }

    private Path socket() {
        return directory.resolve("upgrade.sock");
    }

    private void connect(int port) throws Exception {
        for (int i = 0; i < CLIENTS; i++) {
            Socket client = new Socket(InetAddress.getLoopbackAddress(), port);
            client.setSoTimeout(20_000);
            UpgraderTest.echo(client, "before");
            clients.add(client);
        }
    }

    private void assertAllGoOn() throws IOException {
        for (Socket client : clients) {
            UpgraderTest.echo(client, "after");
        }
    }

    /** Keeps all event loops busy but the listener's; returns how many connections they have. */
    private int block(EchoServer server) {
        EventLoop listeners = server.listener.eventLoop();
        for (EventExecutor loop : server.group) {
            if (!loop.equals(listeners)) {
                loop.execute(this::hang);
            }
        }
        return CLIENTS / 2;
    }

    private void hang() {
        try {
            free.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Before the servers are closed, which wait for their event loops. */
    private interface Freeing extends AutoCloseable {
        @Override
        void close();
    }

    private static final class HandedOver implements UpgradeListener {
        final CompletableFuture<UpgradeReport> report = new CompletableFuture<>();

        final CompletableFuture<String> failed = new CompletableFuture<>();

        @Override
        public void handedOver(UpgradeReport soFar) {
            report.complete(soFar);
        }

        @Override
        public void upgradeFailed(UpgradeStep step, String reason) {
            failed.complete(reason);
        }
    }

    /** Hangs once. */
    @ChannelHandler.Sharable
    private final class Blocking extends ChannelInitializer<Channel> {
        private final ChannelHandler author;
        private final AtomicBoolean done;

        Blocking(ChannelHandler author, AtomicBoolean done) {
            this.author = author;
            this.done = done;
        }

        @Override
        protected void initChannel(Channel channel) {
            channel.pipeline().addLast(author);
            if (!channel.eventLoop().equals(channel.parent().eventLoop()) && done.compareAndSet(false, true)) {
                hang();
            }
        }
    }

    @ChannelHandler.Sharable
    private static final class Appending extends ChannelInitializer<Channel> {
        private final ChannelHandler author;
        private final ChannelHandler last;

        Appending(ChannelHandler author, ChannelHandler last) {
            this.author = author;
            this.last = last;
        }

        @Override
        protected void initChannel(Channel channel) {
            channel.pipeline().addLast(author, last);
        }
    }

    /** Takes its time. */
    @ChannelHandler.Sharable
    private final class Saving extends ChannelInboundHandlerAdapter implements MovableHandler {
        final CountDownLatch begun = new CountDownLatch(1);

        @Override
        public MoveDecision mayMove(ChannelHandlerContext ctx, Runnable retry) {
            return MoveDecision.yes();
        }

        @Override
        public int stateVersion() {
            return 1;
        }

        @Override
        public void saveState(ChannelHandlerContext ctx, ByteBuf out) {
            begun.countDown();
            hang();
        }
    }
}
