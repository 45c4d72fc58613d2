package io.fdnetty.internal.capture;

import static io.fdnetty.internal.capture.Clients.read;
import static io.fdnetty.internal.capture.Clients.send;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.internal.connection.TrackedConnection;
import io.fdnetty.testing.DescriptorLeaks;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Connections that are stopped and wait for others before they are taken out. */
@ExtendWith(DescriptorLeaks.class)
@Timeout(60)
class StandstillTest {
    private static void echo(Channel child) {
        child.pipeline().addLast(new Echo());
    }

    /** Stops it and keeps the rest for later. */
    private static final class Waiting implements CaptureListener {
        final CompletableFuture<Runnable> stopped = new CompletableFuture<>();
        final CompletableFuture<Captured> captured = new CompletableFuture<>();
        final CompletableFuture<String> ended = new CompletableFuture<>();

        @Override
        public void stopped(TrackedConnection connection, Runnable goOn) {
            stopped.complete(() -> connection.eventLoop().execute(goOn));
        }

        @Override
        public void captured(TrackedConnection connection, Captured unit) {
            captured.complete(unit);
        }

        @Override
        public void notMovable(TrackedConnection connection, String reason) {
            ended.complete(reason);
        }

        @Override
        public void movesWith(TrackedConnection connection, TrackedConnection leader) {
            throw new AssertionError(connection + " is linked to " + leader);
        }

        @Override
        public void closed(TrackedConnection connection) {
            ended.complete("closed");
        }
    }

    @Test
    void whatOthersWriteToItMeanwhileTravelsAlong() throws Exception {
        try (MovingServer a = new MovingServer(StandstillTest::echo);
                MovingServer b = new MovingServer(StandstillTest::echo);
                Socket client = a.connect()) {
            Waiting waiting = new Waiting();
            TrackedConnection connection = a.only();
            Capture.start(connection, waiting);
            Runnable goOn = waiting.stopped.get(10, SECONDS);
            ChannelFuture written = connection.channel().writeAndFlush(Unpooled.copiedBuffer("from another", UTF_8));
            send(client, "!");
            goOn.run();
            b.move(waiting.captured.get(10, SECONDS));

            assertThat(written.await(10, SECONDS)).isTrue();
            assertThat(written.isSuccess()).isTrue();
            assertThat(read(client, 13)).isEqualTo("from another!");
        }
    }

    @Test
    void forgottenItGoesOnInTheSamePipeline() throws Exception {
        try (MovingServer a = new MovingServer(StandstillTest::echo);
                Socket client = a.connect()) {
            Waiting waiting = new Waiting();
            TrackedConnection connection = a.only();
            Channel channel = connection.channel();
            ChannelHandlerContext before = channel.pipeline().context(Echo.class);
            Capture.start(connection, waiting);
            waiting.stopped.get(10, SECONDS);
            channel.writeAndFlush(Unpooled.copiedBuffer("held ", UTF_8));
            send(client, "on");
            connection.forgetCapture();

            assertThat(read(client, 7)).isEqualTo("held on");
            assertThat(channel.pipeline().context(Echo.class)).isSameAs(before);
            assertThat(waiting.ended).isNotDone();
            a.capture(connection).resume("it can be asked again");
        }
    }

    @Test
    void whatOthersWriteToACapturedOneThatStaysIsSent() throws Exception {
        try (MovingServer a = new MovingServer(StandstillTest::echo);
                Socket client = a.connect()) {
            TrackedConnection connection = a.only();
            Captured captured = a.capture(connection);
            ChannelFuture written = connection.channel().writeAndFlush(Unpooled.copiedBuffer("from another", UTF_8));
            send(client, "!");
            assertThat(written.await(50)).isFalse();
            captured.resume("the upgrade failed");

            assertThat(written.await(10, SECONDS)).isTrue();
            assertThat(written.isSuccess()).isTrue();
            assertThat(read(client, 13)).isEqualTo("from another!");
        }
    }

    @Test
    void goingOnAfterItWasForgottenChangesNothing() throws Exception {
        try (MovingServer a = new MovingServer(StandstillTest::echo);
                Socket client = a.connect()) {
            Waiting waiting = new Waiting();
            TrackedConnection connection = a.only();
            Capture.start(connection, waiting);
            Runnable goOn = waiting.stopped.get(10, SECONDS);
            connection.forgetCapture();
            goOn.run();
            send(client, "on");

            assertThat(read(client, 2)).isEqualTo("on");
            assertThat(waiting.captured).isNotDone();
        }
    }
}
