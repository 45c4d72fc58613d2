package io.fdnetty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fdnetty.move.MovableHandler;
import io.fdnetty.move.MoveDecision;
import io.fdnetty.move.MoveOptions;
import io.fdnetty.testing.DescriptorLeaks;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What does not fit into the protocol is refused where it is declared, or costs one connection its move. */
@ExtendWith(DescriptorLeaks.class)
@Timeout(60)
class LimitsTest {
    private static final int CLIENTS = 20;
    private static final int LARGE = 15 << 20;

    /** 100 characters, 300 bytes. */
    private static final String LONG_NAME = "\u6f22".repeat(100);

    @TempDir
    Path directory;

    private final HandedOver handedOver = new HandedOver();
    private final List<Socket> clients = new ArrayList<>();

    @AfterEach
    void close() throws IOException {
        for (Socket client : clients) {
            client.close();
        }
    }

    @Test
    void aNameThatIsTooLongInUtf8IsRefusedWhereItIsDeclared() throws Exception {
        assertTooLong(() -> Upgrader.builder(socket()).name(LONG_NAME).build());
        assertTooLong(() -> Upgrader.builder(socket()).state(LONG_NAME, new Nothing()));
        assertTooLong(() -> Upgrader.builder(socket()).finalState(LONG_NAME, new Nothing()));
        try (Upgrader upgrader = Upgrader.builder(socket()).name("echo").build()) {
            assertTooLong(() -> upgrader.listener(LONG_NAME));
            assertTooLong(() -> upgrader.unixListener(LONG_NAME));
            assertTooLong(() -> upgrader.datagram(LONG_NAME));
            assertTooLong(() -> upgrader.movable(LONG_NAME, new EchoServer.EchoPipeline()));
        }
    }

    private static void assertTooLong(ThrowingCallable declaration) {
        assertThatThrownBy(declaration)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("takes 300 bytes of UTF-8 (at most 255)");
    }

    @Test
    void aConnectionWithMorePendingThanTheSuccessorTakesIsKept() throws Exception {
        try (EchoServer old = EchoServer.start(
                socket(), settings -> settings.maxUnitBytes(64 << 20).listener(handedOver))) {
            connect(old.port());
            Socket slow = slowReader(old.port());
            try (EchoServer next = EchoServer.start(socket(), settings -> settings.maxUnitBytes(4096))) {
                UpgradeReport report = handedOver.report.get(20, TimeUnit.SECONDS);
                assertThat(report.moved()).isEqualTo(CLIENTS);
                assertThat(report.keptReasons().keySet())
                        .singleElement()
                        .asString()
                        .contains("the successor takes");
                assertAllGoOn();
                for (int i = 0; i < 3; i++) {
                    assertThat(slow.getInputStream().readNBytes(4 + LARGE)).hasSize(4 + LARGE);
                }
                assertThat(next.serving.generation()).isEqualTo(2);
            }
        }
    }

    /** Its answers are read by nobody yet. */
    private Socket slowReader(int port) throws IOException {
        Socket slow = new Socket();
        slow.setReceiveBufferSize(8 << 10);
        slow.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        slow.setSoTimeout(20_000);
        clients.add(0, slow);
        DataOutputStream out = new DataOutputStream(slow.getOutputStream());
        for (int i = 0; i < 3; i++) {
            out.writeInt(LARGE);
            out.write(new byte[LARGE]);
        }
        return slow;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aConnectionWhoseStatesHaveNoRoomInAMessageIsKept(boolean together) throws Exception {
        AtomicInteger made = new AtomicInteger();
        UnaryOperator<UpgraderBuilder> settings = builder -> together ? builder.together() : builder;
        try (EchoServer old = EchoServer.start(
                socket(),
                builder -> settings.apply(builder).listener(handedOver),
                (upgrader, author) -> upgrader.movable("echo", odd(author, made), MoveOptions.restored()))) {
            connect(old.port());
            try (EchoServer next = EchoServer.start(socket(), UnaryOperator.identity())) {
                UpgradeReport report = handedOver.report.get(20, TimeUnit.SECONDS);
                assertThat(report.moved()).isEqualTo(CLIENTS - 2);
                assertThat(report.keptReasons().keySet())
                        .anyMatch(reason -> reason.contains("256 handlers save a state (at most 255)"))
                        .anyMatch(reason -> reason.contains("takes 300 bytes of UTF-8"));
                assertAllGoOn();
                assertThat(next.serving.generation()).isEqualTo(2);
            }
        }
    }

    /** The first connection has too many states, the second one a state with a long name. */
    private static ChannelHandler odd(ChannelHandler author, AtomicInteger made) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(author);
                int number = made.incrementAndGet();
                for (int i = 0; number == 1 && i < 256; i++) {
                    channel.pipeline().addLast(new Stateful("state" + i));
                }
                if (number == 2) {
                    channel.pipeline().addLast(new Stateful(LONG_NAME));
                }
            }
        };
    }

    private void connect(int port) throws IOException {
        for (int i = 0; i < CLIENTS; i++) {
            Socket client = new Socket(InetAddress.getLoopbackAddress(), port);
            client.setSoTimeout(20_000);
            UpgraderTest.echo(client, "before");
            clients.add(client);
        }
    }

    private void assertAllGoOn() throws IOException {
        for (Socket client : clients.subList(clients.size() - CLIENTS, clients.size())) {
            UpgraderTest.echo(client, "after");
        }
    }

    private Path socket() {
        return directory.resolve("upgrade.sock");
    }

    private static final class HandedOver implements UpgradeListener {
        final CompletableFuture<UpgradeReport> report = new CompletableFuture<>();

        @Override
        public void handedOver(UpgradeReport soFar) {
            report.complete(soFar);
        }
    }

    private static final class Stateful extends ChannelInboundHandlerAdapter implements MovableHandler {
        private final String name;

        Stateful(String name) {
            this.name = name;
        }

        @Override
        public MoveDecision mayMove(ChannelHandlerContext ctx, Runnable retry) {
            return MoveDecision.yes();
        }

        @Override
        public String stateName() {
            return name;
        }

        @Override
        public int stateVersion() {
            return 1;
        }

        @Override
        public void saveState(ChannelHandlerContext ctx, ByteBuf out) {
            out.writeByte(1);
        }
    }

    private static final class Nothing implements StateSection {
        @Override
        public void save(OutputStream out) {
            throw new UncheckedIOException(new IOException("never saved"));
        }

        @Override
        public void load(int version, InputStream in) {
            throw new UncheckedIOException(new IOException("never loaded"));
        }
    }
}
