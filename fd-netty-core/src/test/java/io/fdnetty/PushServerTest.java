package io.fdnetty;

import static io.fdnetty.internal.capture.Clients.frame;
import static io.fdnetty.internal.capture.Clients.readBytes;
import static io.fdnetty.internal.capture.Clients.send;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.move.MoveExplanation;
import io.fdnetty.move.MoveOptions;
import io.fdnetty.testing.DescriptorLeaks;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.LengthFieldPrepender;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A server whose clients subscribe once, and hear of what happens from then on. */
@ExtendWith(DescriptorLeaks.class)
@Timeout(60)
class PushServerTest {
    @TempDir
    Path directory;

    private final CompletableFuture<UpgradeReport> handedOver = new CompletableFuture<>();

    @BeforeEach
    void closeDirectory() throws Exception {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
    }

    @ChannelHandler.Sharable
    private static final class Subscribing extends ChannelInboundHandlerAdapter {
        final BlockingQueue<Channel> subscribers = new LinkedBlockingQueue<>();

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ReferenceCountUtil.release(msg);
            subscribers.add(ctx.channel());
        }

        Channel next() throws InterruptedException {
            Channel next = subscribers.poll(10, TimeUnit.SECONDS);
            assertThat(next).isNotNull();
            return next;
        }
    }

    private EchoServer start(MoveOptions options, Subscribing subscribing) throws Exception {
        ChannelHandler pipeline = new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline()
                        .addLast(
                                new LengthFieldBasedFrameDecoder(1 << 20, 0, 4, 0, 4),
                                new LengthFieldPrepender(4),
                                subscribing);
            }
        };
        return EchoServer.start(
                directory.resolve("upgrade.sock"),
                settings -> settings.drainTimeout(Duration.ofMillis(300)).listener(new UpgradeListener() {
                    @Override
                    public void handedOver(UpgradeReport report) {
                        handedOver.complete(report);
                    }
                }),
                (upgrader, initializer) -> upgrader.movable("echo", pipeline, options));
    }

    private static void push(Channel subscriber, String news) {
        subscriber.writeAndFlush(Unpooled.copiedBuffer(news, UTF_8)).syncUninterruptibly();
    }

    private static void expect(Socket client, String text) throws Exception {
        byte[] expected = frame(text.getBytes(UTF_8));
        assertThat(readBytes(client, expected.length)).isEqualTo(expected);
    }

    @Test
    void withoutADeclarationItsConnectionsStayWithTheLineToAdd() throws Exception {
        Subscribing subscribing = new Subscribing();
        try (EchoServer old = start(MoveOptions.asAccepted(), subscribing);
                Socket client = new Socket(InetAddress.getLoopbackAddress(), old.port())) {
            client.setSoTimeout(10_000);
            send(client, frame("subscribe".getBytes(UTF_8)));
            Channel subscriber = subscribing.next();
            push(subscriber, "one");
            push(subscriber, "two");
            expect(client, "one");
            expect(client, "two");
            MoveExplanation explanation = old.upgrader.explain(subscriber);
            assertThat(explanation.canMove()).isFalse();
            assertThat(explanation.never()).singleElement().asString().contains("oneWay()");
            try (EchoServer successor = start(MoveOptions.asAccepted(), new Subscribing())) {
                UpgradeReport report = handedOver.get(10, TimeUnit.SECONDS);
                assertThat(report.keptReasons().keySet())
                        .singleElement()
                        .asString()
                        .contains("cannot be told", "MoveOptions.answersOnLoop()", "oneWay()", "idleWhen(");
                assertThat(client.getInputStream().read())
                        .as("the end of the drain")
                        .isEqualTo(-1);
                assertThat(successor.serving.generation()).isEqualTo(2);
            }
        }
    }

    @Test
    void declaredOneWayItsConnectionsMove() throws Exception {
        Subscribing subscribing = new Subscribing();
        MoveOptions oneWay = MoveOptions.asAccepted().oneWay();
        try (EchoServer old = start(oneWay, subscribing);
                Socket client = new Socket(InetAddress.getLoopbackAddress(), old.port())) {
            client.setSoTimeout(10_000);
            send(client, frame("subscribe".getBytes(UTF_8)));
            push(subscribing.next(), "one");
            expect(client, "one");
            Subscribing there = new Subscribing();
            try (EchoServer successor = start(oneWay, there)) {
                UpgradeReport end =
                        old.upgrader.handedOver().toCompletableFuture().get(10, TimeUnit.SECONDS);
                assertThat(end.moved()).as("%s", end).isEqualTo(1);
                send(client, frame("subscribe".getBytes(UTF_8)));
                push(there.next(), "two");
                expect(client, "two");
                assertThat(successor.serving.generation()).isEqualTo(2);
            }
        }
    }
}
