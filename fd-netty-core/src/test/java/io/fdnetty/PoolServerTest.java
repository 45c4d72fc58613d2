package io.fdnetty;

import static io.fdnetty.internal.capture.Clients.frame;
import static io.fdnetty.internal.capture.Clients.readBytes;
import static io.fdnetty.internal.capture.Clients.send;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.testing.DescriptorLeaks;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.LengthFieldPrepender;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A server that hands its messages to a pool, which answers much later, with nothing but the lines of the README. */
@ExtendWith(DescriptorLeaks.class)
@Timeout(60)
class PoolServerTest {
    private static final long WORK_MILLIS = 700;

    @TempDir
    Path directory;

    private final ScheduledExecutorService pool = Executors.newSingleThreadScheduledExecutor();

    @BeforeEach
    void closeDirectory() throws Exception {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
    }

    @AfterEach
    void endPool() {
        pool.shutdownNow();
    }

    @ChannelHandler.Sharable
    private final class PoolPipeline extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel channel) {
            channel.pipeline()
                    .addLast(
                            new LengthFieldBasedFrameDecoder(1 << 20, 0, 4, 0, 4),
                            new LengthFieldPrepender(4),
                            new PoolHandler());
        }
    }

    private final class PoolHandler extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            pool.schedule(() -> ctx.writeAndFlush(msg), WORK_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private EchoServer start() throws Exception {
        return EchoServer.start(
                directory.resolve("upgrade.sock"),
                UnaryOperator.identity(),
                (upgrader, initializer) -> upgrader.movable("echo", new PoolPipeline()));
    }

    private static void ask(Socket client, String text) throws Exception {
        send(client, frame(text.getBytes(UTF_8)));
    }

    private static void expect(Socket client, String text) throws Exception {
        byte[] answer = frame(text.getBytes(UTF_8));
        assertThat(readBytes(client, answer.length)).isEqualTo(answer);
    }

    @Test
    void everyQuestionIsAnsweredAcrossAnUpgrade() throws Exception {
        try (EchoServer old = start();
                Socket client = new Socket(InetAddress.getLoopbackAddress(), old.port())) {
            client.setSoTimeout(20_000);
            ask(client, "asked of the old process");
            try (EchoServer successor = start()) {
                expect(client, "asked of the old process");
                UpgradeReport end =
                        old.upgrader.handedOver().toCompletableFuture().get(20, TimeUnit.SECONDS);
                assertThat(end.moved()).isEqualTo(1);
                ask(client, "asked of the new one");
                expect(client, "asked of the new one");
                assertThat(successor.serving.generation()).isEqualTo(2);
            }
        }
    }

    /** Each asks the next question without waiting for an answer; ten are always under way. */
    @Test
    void aClientThatNeverPausesIsMovedAndGetsEveryAnswerInOrder() throws Exception {
        int questions = 60;
        int underWay = 10;
        List<Socket> clients = new ArrayList<>();
        try (EchoServer old = start()) {
            for (int i = 0; i < 3; i++) {
                clients.add(new Socket(InetAddress.getLoopbackAddress(), old.port()));
            }
            for (Socket client : clients) {
                client.setSoTimeout(20_000);
                for (int i = 0; i < underWay; i++) {
                    ask(client, "question " + i);
                }
            }
            try (EchoServer successor = start()) {
                for (int i = underWay; i < questions; i++) {
                    for (Socket client : clients) {
                        expect(client, "question " + (i - underWay));
                        ask(client, "question " + i);
                    }
                }
                for (int i = questions - underWay; i < questions; i++) {
                    for (Socket client : clients) {
                        expect(client, "question " + i);
                    }
                }
                UpgradeReport end =
                        old.upgrader.handedOver().toCompletableFuture().get(20, TimeUnit.SECONDS);
                assertThat(end.moved()).as("%s", end).isEqualTo(3);
                assertThat(successor.serving.generation()).isEqualTo(2);
            }
        } finally {
            for (Socket client : clients) {
                client.close();
            }
        }
    }
}
