package io.fdnetty.internal.incumbent;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.EchoServer;
import io.fdnetty.UpgradeListener;
import io.fdnetty.UpgradeReport;
import io.fdnetty.UpgraderTest;
import io.fdnetty.move.MovableHandler;
import io.fdnetty.move.MoveDecision;
import io.fdnetty.move.MoveOptions;
import io.fdnetty.testing.DescriptorLeaks;
import io.fdnetty.testing.Logged;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.epoll.EpollSocketChannel;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of the connections that cannot move at once. */
@ExtendWith(DescriptorLeaks.class)
class DrainTest {
    @TempDir
    Path directory;

    private Path socket() {
        return directory.resolve("upgrade.sock");
    }

    @Test
    void aConnectionThatCannotMoveLivesUntilTheDrainDeadlineAndIsReported() throws Exception {
        HandedOver handedOver = new HandedOver();
        try (EchoServer old = EchoServer.start(
                        socket(),
                        settings ->
                                settings.drainTimeout(Duration.ofMillis(300)).listener(handedOver),
                        (upgrader, initializer) -> initializer);
                Socket client = new Socket(InetAddress.getLoopbackAddress(), old.port())) {
            client.setSoTimeout(10_000);
            UpgraderTest.echo(client, "before");
            try (EchoServer successor = EchoServer.start(socket(), UnaryOperator.identity())) {
                UpgradeReport then = handedOver.report.get(10, TimeUnit.SECONDS);
                assertThat(then.kept()).isEqualTo(1);
                assertThat(then.keptReasons()).containsOnlyKeys("listener \"echo\" has no movable handler");
                assertThat(client.getInputStream().read())
                        .as("closed at the deadline")
                        .isEqualTo(-1);
                UpgradeReport end =
                        old.upgrader.handedOver().toCompletableFuture().get(10, TimeUnit.SECONDS);
                assertThat(end.moved()).isZero();
                assertThat(end.kept()).isZero();
                assertThat(end.closed()).isEqualTo(1);
                assertThat(end.keptReasons()).isEqualTo(Map.of("listener \"echo\" has no movable handler", 1L));
                assertThat(successor.upgrader.tookOver()).isTrue();
            }
        }
    }

    @Test
    void aConnectionThatIsNotReadyMovesWhenItIs() throws Exception {
        HandedOver handedOver = new HandedOver();
        Busy busy = new Busy();
        try (EchoServer old = EchoServer.start(
                        socket(),
                        settings -> settings.listener(handedOver),
                        (upgrader, initializer) -> upgrader.movable("echo", busy.and(initializer)));
                Socket client = new Socket(InetAddress.getLoopbackAddress(), old.port())) {
            client.setSoTimeout(10_000);
            UpgraderTest.echo(client, "before");
            try (EchoServer successor = EchoServer.start(socket(), UnaryOperator.identity())) {
                assertThat(handedOver.report.get(10, TimeUnit.SECONDS).kept()).isEqualTo(1);
                UpgraderTest.echo(client, "still in the old process");
                assertThat(old.upgrader.handedOver().toCompletableFuture()).isNotDone();
                busy.done();
                UpgradeReport end =
                        old.upgrader.handedOver().toCompletableFuture().get(10, TimeUnit.SECONDS);
                assertThat(end.moved()).isEqualTo(1);
                assertThat(end.kept()).isZero();
                assertThat(end.keptReasons()).isEmpty();
                UpgraderTest.echo(client, "now in the new one");
                assertThat(successor.serving.generation()).isEqualTo(2);
            }
        }
    }

    @Test
    void anOldProcessThatDrainsDoesNotBlockTheNextUpgrade() throws Exception {
        Busy busy = new Busy();
        try (EchoServer first = EchoServer.start(
                        socket(),
                        UnaryOperator.identity(),
                        (upgrader, initializer) -> upgrader.movable("echo", busy.and(initializer)));
                Socket client = new Socket(InetAddress.getLoopbackAddress(), first.port())) {
            client.setSoTimeout(10_000);
            UpgraderTest.echo(client, "first");
            Serving serving = new Serving();
            try (EchoServer second = EchoServer.start(socket(), settings -> settings.listener(serving));
                    EchoServer third = startOnce(serving)) {
                second.upgrader.handedOver().toCompletableFuture().get(10, TimeUnit.SECONDS);
                UpgraderTest.echo(client, "still the first");
                assertThat(first.upgrader.handedOver().toCompletableFuture()).isNotDone();
                try (Socket late = new Socket(InetAddress.getLoopbackAddress(), third.port())) {
                    late.setSoTimeout(10_000);
                    UpgraderTest.echo(late, "third");
                }
            }
        }
    }

    @Test
    void eachReasonIsLoggedOnceWithItsCountAndInOneLine() throws Exception {
        HandedOver handedOver = new HandedOver();
        List<String> reasons = List.of("it is dear to me", "it is dear to me", "it has\na line break");
        Iterator<String> next = reasons.iterator();
        ChannelInitializer<Channel> refusing = new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(new EchoServer.EchoPipeline(), new Never(next.next()));
            }
        };
        List<Socket> clients = new ArrayList<>();
        try (Logged log = new Logged();
                EchoServer old = EchoServer.start(
                        socket(),
                        settings ->
                                settings.drainTimeout(Duration.ofMillis(300)).listener(handedOver),
                        (upgrader, initializer) -> upgrader.movable("echo", refusing))) {
            for (int i = 0; i < reasons.size(); i++) {
                Socket client = new Socket(InetAddress.getLoopbackAddress(), old.port());
                clients.add(client);
                UpgraderTest.echo(client, "before");
            }
            try (EchoServer successor = EchoServer.start(socket(), UnaryOperator.identity())) {
                Map<String, Long> expected = Map.of("it is dear to me", 2L, "it has\\u000aa line break", 1L);
                assertThat(handedOver.report.get(10, TimeUnit.SECONDS).keptReasons())
                        .isEqualTo(expected);
                UpgradeReport end =
                        old.upgrader.handedOver().toCompletableFuture().get(10, TimeUnit.SECONDS);
                assertThat(end.keptReasons()).isEqualTo(expected);
                assertThat(successor.upgrader.tookOver()).isTrue();
            }
            assertThat(log.lines("it is dear to me"))
                    .filteredOn(line -> !line.contains("When this process is upgraded"))
                    .singleElement()
                    .asString()
                    .contains("kept 2 connections");
            assertThat(log.lines("it has\\u000aa line break")).hasSize(1);
        } finally {
            for (Socket client : clients) {
                client.close();
            }
        }
    }

    private static final class Never extends ChannelInboundHandlerAdapter implements MovableHandler {
        private final String reason;

        Never(String reason) {
            this.reason = reason;
        }

        @Override
        public MoveDecision mayMove(ChannelHandlerContext ctx, Runnable retry) {
            return MoveDecision.never(reason);
        }
    }

    /** What a server has opened may carry the answer to a client. */
    @Test
    void whatTheServerOpenedEndsAfterTheLastClient() throws Exception {
        List<String> ends = new CopyOnWriteArrayList<>();
        try (ServerSocket backend = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                EchoServer old = EchoServer.start(
                        socket(),
                        settings -> settings.drainTimeout(Duration.ofMillis(100)),
                        (upgrader, initializer) -> upgrader.movable("echo", new Stubborn("client", ends)));
                Socket client = new Socket(InetAddress.getLoopbackAddress(), old.port())) {
            client.setSoTimeout(10_000);
            Bootstrap opening = new Bootstrap()
                    .group(old.group)
                    .channel(EpollSocketChannel.class)
                    .handler(old.upgrader.outbound(
                            "backend", old.group, new Stubborn("backend", ends), MoveOptions.asAccepted()));
            for (int i = 0; i < 4; i++) {
                opening.connect(backend.getLocalSocketAddress()).sync();
            }
            client.getOutputStream().write(1);
            assertThat(client.getInputStream().read()).isEqualTo(1);
            try (EchoServer successor = EchoServer.start(socket(), UnaryOperator.identity())) {
                assertThat(client.getInputStream().read()).isEqualTo(-1);
                old.upgrader.handedOver().toCompletableFuture().get(10, TimeUnit.SECONDS);
                assertThat(ends).containsExactly("client", "backend", "backend", "backend", "backend");
                assertThat(successor.upgrader.tookOver()).isTrue();
            }
        }
    }

    /** Echoes, never moves, and answers for as long as it can. */
    private static final class Stubborn extends ChannelInitializer<Channel> {
        private final String name;
        private final List<String> ends;

        Stubborn(String name, List<String> ends) {
            this.name = name;
            this.ends = ends;
        }

        @Override
        public boolean isSharable() {
            return true;
        }

        @Override
        protected void initChannel(Channel channel) {
            channel.closeFuture().addListener(closed -> ends.add(name));
            channel.pipeline().addLast(new Answering(name.equals("client")));
        }

        private static final class Answering extends ChannelInboundHandlerAdapter implements MovableHandler {
            private final boolean stays;

            Answering(boolean stays) {
                this.stays = stays;
            }

            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                ctx.writeAndFlush(message);
            }

            @Override
            public MoveDecision mayMove(ChannelHandlerContext ctx, Runnable retry) {
                return MoveDecision.notNow("");
            }

            @Override
            public void farewell(ChannelHandlerContext ctx) {
                if (!stays) {
                    ctx.close();
                }
            }
        }
    }

    private EchoServer startOnce(Serving predecessor) throws Exception {
        predecessor.begun.get(10, TimeUnit.SECONDS);
        return EchoServer.start(socket(), UnaryOperator.identity());
    }

    private static final class Serving implements UpgradeListener {
        final CompletableFuture<UpgradeReport> begun = new CompletableFuture<>();

        @Override
        public void serving(UpgradeReport report) {
            begun.complete(report);
        }
    }

    private static final class HandedOver implements UpgradeListener {
        final CompletableFuture<UpgradeReport> report = new CompletableFuture<>();

        @Override
        public void handedOver(UpgradeReport soFar) {
            report.complete(soFar);
        }
    }

    /** Holds its connections back until it is done. */
    private static final class Busy {
        private final CompletableFuture<@Nullable Void> end = new CompletableFuture<>();

        ChannelHandler and(ChannelHandler initializer) {
            return new ChannelInitializer<>() {
                @Override
                protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(initializer, new NotNow());
                }
            };
        }

        void done() {
            end.complete(null);
        }

        private final class NotNow extends ChannelInboundHandlerAdapter implements MovableHandler {
            @Override
            public MoveDecision mayMove(ChannelHandlerContext ctx, Runnable retry) {
                end.thenRun(retry);
                return end.isDone() ? MoveDecision.yes() : MoveDecision.notNow("");
            }
        }
    }
}
