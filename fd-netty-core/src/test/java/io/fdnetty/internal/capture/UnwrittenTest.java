package io.fdnetty.internal.capture;

import static io.fdnetty.internal.capture.Clients.random;
import static io.fdnetty.internal.capture.Clients.read;
import static io.fdnetty.internal.capture.Clients.readBytes;
import static io.fdnetty.internal.capture.Clients.readToEnd;
import static io.fdnetty.internal.capture.Clients.send;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fdnetty.internal.connection.TrackedConnection;
import io.fdnetty.internal.protocol.ConnectionPart;
import io.fdnetty.move.ConnectionMovedException;
import io.fdnetty.testing.Background;
import io.fdnetty.testing.DescriptorLeaks;
import io.fdnetty.testing.Eventually;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.socket.DuplexChannel;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What was written and not sent when its connection moves, and how a connection ends on the other side. */
@ExtendWith(DescriptorLeaks.class)
@Timeout(60)
class UnwrittenTest {
    private static final int MEGABYTES = 8 << 20;
    private static final int LINE = "0 000000\n".length();

    @Test
    void megabytesForASlowReaderMoveAndArriveOnce() throws Exception {
        byte[] bytes = random(MEGABYTES, 1);
        try (MovingServer a = new MovingServer(Pipelines::raw);
                MovingServer b = new MovingServer(Pipelines::raw);
                Socket client = a.connect(8 << 10)) {
            ChannelFuture written = a.only().channel().writeAndFlush(Unpooled.wrappedBuffer(bytes));
            Captured captured = a.capture(a.only());
            assertThat(written.await(1000)).isTrue();
            assertThat(captured.unit().parts().get(0).unwritten().readableBytes())
                    .isPositive();
            b.move(captured);
            assertThat(readBytes(client, MEGABYTES)).isEqualTo(bytes);
            send(client, "more");
            assertThat(read(client, 4)).isEqualTo("more");
        }
    }

    @Test
    void whatWasWrittenButNotFlushedMovesToo() throws Exception {
        try (MovingServer a = new MovingServer(Pipelines::raw);
                MovingServer b = new MovingServer(Pipelines::raw);
                Socket client = a.connect()) {
            Channel channel = a.only().channel();
            channel.eventLoop()
                    .submit(() -> channel.write(Unpooled.copiedBuffer("unflushed", UTF_8)))
                    .sync();
            b.move(a.capture(a.only()));
            assertThat(read(client, 9)).isEqualTo("unflushed");
        }
    }

    @Test
    void aConnectionThatClosesAfterItsLastWriteDoesSoOnTheOtherSide() throws Exception {
        byte[] bytes = random(MEGABYTES, 2);
        try (MovingServer a = new MovingServer(Pipelines::raw);
                MovingServer b = new MovingServer(Pipelines::raw);
                Socket client = a.connect(8 << 10)) {
            a.only().channel().writeAndFlush(Unpooled.wrappedBuffer(bytes)).addListener(ChannelFutureListener.CLOSE);
            Captured captured = a.capture(a.only());
            assertThat(captured.unit().parts().get(0).has(ConnectionPart.CLOSE_AFTER_WRITE))
                    .isTrue();
            b.move(captured);
            send(client, "this is read and dropped, or the end would be a reset");
            assertThat(readToEnd(client)).isEqualTo(bytes);
        }
    }

    @Test
    void aConnectionThatClosesAfterItsLastWriteDoesSoWhenItComesBack() throws Exception {
        byte[] bytes = random(MEGABYTES, 3);
        try (MovingServer a = new MovingServer(Pipelines::raw);
                Socket client = a.connect(8 << 10)) {
            a.only().channel().writeAndFlush(Unpooled.wrappedBuffer(bytes)).addListener(ChannelFutureListener.CLOSE);
            a.capture(a.only()).resume("test");
            assertThat(readToEnd(client)).isEqualTo(bytes);
            Eventually.holds("a has forgotten it", a.connections().open()::isEmpty);
        }
    }

    @Test
    void anOutputThatEndsAfterItsLastWriteEndsOnTheOtherSide() throws Exception {
        byte[] bytes = random(MEGABYTES, 4);
        try (MovingServer a = new MovingServer(Pipelines::raw);
                MovingServer b = new MovingServer(Pipelines::raw);
                Socket client = a.connect(8 << 10)) {
            DuplexChannel channel = (DuplexChannel) a.only().channel();
            channel.writeAndFlush(Unpooled.wrappedBuffer(bytes)).addListener(written -> channel.shutdownOutput());
            TrackedConnection moved = b.move(a.capture(a.only()));
            assertThat(readToEnd(client)).isEqualTo(bytes);
            assertThat(moved.channel().isOpen()).isTrue();
        }
    }

    @Test
    void aConnectionWhoseClientHasEndedItsOutputStaysHalfClosed() throws Exception {
        byte[] bytes = random(MEGABYTES, 5);
        try (MovingServer a = new MovingServer(Pipelines::raw);
                MovingServer b = new MovingServer(Pipelines::raw);
                Socket client = a.connect(8 << 10)) {
            DuplexChannel here = (DuplexChannel) a.only().channel();
            here.writeAndFlush(Unpooled.wrappedBuffer(bytes));
            client.shutdownOutput();
            Eventually.holds("the end is seen here", here::isInputShutdown);
            DuplexChannel there = (DuplexChannel) b.move(a.capture(a.only())).channel();
            assertThat(readBytes(client, MEGABYTES)).isEqualTo(bytes);
            Eventually.holds("the end is seen there", there::isInputShutdown);
            there.writeAndFlush(Unpooled.copiedBuffer("still open", UTF_8));
            assertThat(read(client, 10)).isEqualTo("still open");
        }
    }

    @Test
    void aConnectionWhoseOutputWasShutDownHereStaysHalfClosed() throws Exception {
        List<byte[]> heard = new ArrayList<>();
        try (MovingServer a = new MovingServer(Pipelines::raw);
                MovingServer b = new MovingServer(child -> child.pipeline().addLast(new Ear(heard)));
                Socket client = a.connect()) {
            ((DuplexChannel) a.only().channel()).shutdownOutput().sync();
            assertThat(client.getInputStream().read()).isEqualTo(-1);
            DuplexChannel there = (DuplexChannel) b.move(a.capture(a.only())).channel();
            assertThat(there.isOutputShutdown()).isTrue();
            send(client, "you hear me");
            Eventually.holds("it is heard", () -> Ear.textOf(heard).equals("you hear me"));
        }
    }

    @Test
    void concurrentWritesGoOutOnceOrFail() throws Exception {
        AtomicBoolean on = new AtomicBoolean(true);
        List<String> written = Collections.synchronizedList(new ArrayList<>());
        AtomicInteger failed = new AtomicInteger();
        try (MovingServer a = new MovingServer(Pipelines::raw);
                MovingServer b = new MovingServer(Pipelines::raw);
                Socket client = a.connect()) {
            Channel channel = a.only().channel();
            CompletableFuture<?>[] writers = IntStream.range(0, 3)
                    .mapToObj(writer -> Background.run(() -> write(channel, writer, on, written, failed)))
                    .toArray(CompletableFuture[]::new);
            Eventually.holds("some are written", () -> written.size() > 30);
            b.move(a.capture(a.only()));
            Eventually.holds("writes fail", () -> failed.get() > 0);
            on.set(false);
            CompletableFuture.allOf(writers).join();
            b.only().channel().writeAndFlush(Unpooled.copiedBuffer("end", UTF_8));
            String received = read(client, written.size() * LINE + 3);
            assertThat(received).endsWith("\nend");
            assertThat(received.lines().limit(written.size())).containsExactlyInAnyOrderElementsOf(written);
        }
    }

    /** Keeps hundreds of writes in flight; writes down those that succeed. */
    private static void write(
            Channel channel, int writer, AtomicBoolean on, List<String> written, AtomicInteger failed) {
        for (int i = 0; on.get() && i < 100_000; i++) {
            String line = String.format("%d %06d", writer, i);
            ChannelFuture done = channel.writeAndFlush(Unpooled.copiedBuffer(line + '\n', UTF_8));
            done.addListener(result -> {
                if (result.isSuccess()) {
                    written.add(line);
                } else {
                    failed.incrementAndGet();
                }
            });
            if (i % 100 == 99) {
                done.awaitUninterruptibly();
            }
        }
    }

    @Test
    void writesToACapturedChannelWaitUntilItIsDecidedWhoOwnsIt() throws Exception {
        try (MovingServer a = new MovingServer(Pipelines::raw);
                MovingServer b = new MovingServer(Pipelines::raw);
                Socket client = a.connect()) {
            Channel channel = a.only().channel();
            Captured captured = a.capture(a.only());
            ChannelFuture kept = channel.writeAndFlush(Unpooled.copiedBuffer("kept", UTF_8));
            assertThat(kept.await(50)).isFalse();
            captured.resume("test");
            kept.sync();
            assertThat(read(client, 4)).isEqualTo("kept");

            captured = a.capture(a.only());
            ChannelFuture late = channel.writeAndFlush(Unpooled.copiedBuffer("late", UTF_8));
            b.move(captured);
            assertThatThrownBy(late::sync).isInstanceOf(ConnectionMovedException.class);
            assertThatThrownBy(() -> channel.writeAndFlush(Unpooled.copiedBuffer("later", UTF_8))
                            .sync())
                    .isInstanceOf(ConnectionMovedException.class);
            send(client, "x");
            assertThat(read(client, 1)).isEqualTo("x");
            assertThat(a.connections().lateOperations()).isEqualTo(2);
        }
    }

    @Test
    void aCloseOfACapturedChannelHappensWhenItIsResumed() throws Exception {
        try (MovingServer a = new MovingServer(Pipelines::raw);
                Socket client = a.connect()) {
            Channel channel = a.only().channel();
            Captured captured = a.capture(a.only());
            ChannelFuture closed = channel.close();
            assertThat(closed.await(50)).isFalse();
            captured.resume("test");
            closed.sync();
            assertThat(readToEnd(client)).isEmpty();
        }
    }

    @Test
    void aCloseOfACapturedChannelIsNothingToTheConnectionOnceItHasMoved() throws Exception {
        try (MovingServer a = new MovingServer(Pipelines::raw);
                MovingServer b = new MovingServer(Pipelines::raw);
                Socket client = a.connect()) {
            Channel channel = a.only().channel();
            Captured captured = a.capture(a.only());
            ChannelFuture closed = channel.close();
            b.move(captured);
            closed.sync();
            send(client, "alive");
            assertThat(read(client, 5)).isEqualTo("alive");
        }
    }

    @Test
    void writersThatFollowWritabilityAreNotDrivenOn() throws Exception {
        byte[] chunk = random(64 << 10, 6);
        try (MovingServer a = new MovingServer(Pipelines::raw);
                MovingServer b = new MovingServer(Pipelines::raw);
                Socket client = a.connect(8 << 10)) {
            Channel channel = a.only().channel();
            AtomicInteger chunks = new AtomicInteger();
            channel.eventLoop().execute(() -> writeWhileWritable(channel, chunk, chunks));
            Captured captured = a.capture(a.only());
            b.move(captured);
            byte[] all = readBytes(client, chunks.get() * chunk.length);
            assertThat(Arrays.copyOf(all, chunk.length)).isEqualTo(chunk);
        }
    }

    private static void writeWhileWritable(Channel channel, byte[] chunk, AtomicInteger chunks) {
        while (channel.isWritable()) {
            chunks.incrementAndGet();
            channel.writeAndFlush(Unpooled.wrappedBuffer(chunk)).addListener(written -> {
                if (written.isSuccess()) {
                    writeWhileWritable(channel, chunk, chunks);
                }
            });
        }
    }
}
