package io.fdnetty;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.move.MovableHandler;
import io.fdnetty.move.MoveDecision;
import io.fdnetty.move.MoveOptions;
import io.fdnetty.testing.DescriptorLeaks;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever the author's code of one connection throws costs that connection its move, and no other one anything. */
@ExtendWith(DescriptorLeaks.class)
@Timeout(60)
class IsolationTest {
    private static final int CLIENTS = 20;
    private static final int FAULTY = 5;

    @TempDir
    Path directory;

    /** Where the author's code throws. */
    enum Where {
        PREDICATE,
        VOUCHES_FOR,
        MAY_MOVE,
        PREPARATION,
        STATE_NAME,
        STATE_VERSION,
        SAVE_STATE,
        OLDEST_STATE_VERSION,
        RESTORE_STATE,
        INIT_CHANNEL,
        HANDLER_ADDED
    }

    @ParameterizedTest
    @EnumSource(
            value = Where.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"OLDEST_STATE_VERSION", "RESTORE_STATE", "INIT_CHANNEL", "HANDLER_ADDED"})
    void whatThrowsAsConnectionsLeaveKeepsItsConnectionAlone(Where where) throws Exception {
        upgrade(new Author(where), new Author(null), "planned at " + where);
    }

    @ParameterizedTest
    @EnumSource(
            value = Where.class,
            names = {
                "STATE_NAME",
                "STATE_VERSION",
                "OLDEST_STATE_VERSION",
                "RESTORE_STATE",
                "INIT_CHANNEL",
                "HANDLER_ADDED"
            })
    void whatThrowsAsConnectionsArriveRejectsItsConnectionAlone(Where where) throws Exception {
        upgrade(new Author(null), new Author(where), reasonAtArrival(where));
    }

    /** What Netty catches itself shows in what it leaves behind. */
    private static String reasonAtArrival(Where where) {
        return switch (where) {
            case INIT_CHANNEL, HANDLER_ADDED -> "no handler takes the state touchy";
            default -> "planned at " + where;
        };
    }

    private void upgrade(Author old, Author next, String why) throws Exception {
        HandedOver handedOver = new HandedOver();
        try (EchoServer incumbent = EchoServer.start(
                socket(), settings -> settings.listener(handedOver).stepTimeout(Duration.ofSeconds(5)), old)) {
            List<Socket> clients = connect(incumbent.port());
            old.armed = true;
            next.armed = true;
            try (EchoServer successor = EchoServer.start(socket(), UnaryOperator.identity(), next)) {
                UpgradeReport report = handedOver.report.get(10, TimeUnit.SECONDS);
                assertThat(report.moved()).isEqualTo(CLIENTS - FAULTY);
                assertThat(report.kept()).isEqualTo(FAULTY);
                assertThat(report.keptReasons().keySet()).allMatch(reason -> reason.contains(why), why);
                for (Socket client : clients) {
                    UpgraderTest.echo(client, "after");
                    client.close();
                }
                assertThat(successor.serving.generation()).isEqualTo(2);
                incumbent.upgrader.handedOver().toCompletableFuture().get(10, TimeUnit.SECONDS);
            }
        }
    }

    private static List<Socket> connect(int port) throws Exception {
        List<Socket> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            Socket client = new Socket(InetAddress.getLoopbackAddress(), port);
            client.setSoTimeout(20_000);
            UpgraderTest.echo(client, "before");
            clients.add(client);
        }
        return clients;
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

    /** Makes pipelines of which the first few are faulty. */
    private static final class Author implements BiFunction<Upgrader, ChannelHandler, ChannelHandler> {
        private final @Nullable Where where;
        private final AtomicInteger made = new AtomicInteger();
        volatile boolean armed;

        Author(@Nullable Where where) {
            this.where = where;
        }

        @Override
        public ChannelHandler apply(Upgrader upgrader, ChannelHandler initializer) {
            MoveOptions options = MoveOptions.restored().statelessWhen(Touchy.class, handler -> {
                handler.at(Where.PREDICATE);
                return true;
            });
            return upgrader.movable(
                    "echo",
                    new ChannelInitializer<>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            boolean faulty = made.incrementAndGet() <= FAULTY;
                            Touchy touchy = new Touchy(Author.this, faulty);
                            touchy.at(Where.INIT_CHANNEL);
                            channel.pipeline().addLast(initializer, touchy);
                        }
                    },
                    options);
        }
    }

    private static final class Touchy extends ChannelDuplexHandler implements MovableHandler {
        private final Author author;
        private final boolean faulty;

        Touchy(Author author, boolean faulty) {
            this.author = author;
            this.faulty = faulty;
        }

        void at(Where here) {
            if (faulty && author.armed && here == author.where) {
                throw new IllegalStateException("planned at " + here);
            }
        }

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            at(Where.HANDLER_ADDED);
        }

        @Override
        public boolean vouchesFor(ChannelHandler other) {
            at(Where.VOUCHES_FOR);
            return true;
        }

        @Override
        public MoveDecision mayMove(ChannelHandlerContext ctx, Runnable retry) {
            at(Where.MAY_MOVE);
            return faulty && author.where == Where.PREPARATION
                    ? MoveDecision.notNow("", () -> at(Where.PREPARATION))
                    : MoveDecision.yes();
        }

        @Override
        public String stateName() {
            at(Where.STATE_NAME);
            return "touchy";
        }

        @Override
        public int stateVersion() {
            at(Where.STATE_VERSION);
            return 1;
        }

        @Override
        public int oldestStateVersion() {
            at(Where.OLDEST_STATE_VERSION);
            return 1;
        }

        @Override
        public void saveState(ChannelHandlerContext ctx, ByteBuf out) {
            at(Where.SAVE_STATE);
            out.writeLong(1);
        }

        @Override
        public void restoreState(ChannelHandlerContext ctx, int version, ByteBuf in) {
            at(Where.RESTORE_STATE);
        }
    }
}
