package io.fdnetty.internal.capture;

import static io.fdnetty.internal.capture.Clients.frame;
import static io.fdnetty.internal.capture.Clients.random;
import static io.fdnetty.internal.capture.Clients.read;
import static io.fdnetty.internal.capture.Clients.readBytes;
import static io.fdnetty.internal.capture.Clients.readToEnd;
import static io.fdnetty.internal.capture.Clients.send;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fdnetty.Connections;
import io.fdnetty.internal.arrival.Arrival;
import io.fdnetty.internal.connection.TrackedConnection;
import io.fdnetty.move.ConnectionMovedException;
import io.fdnetty.move.MoveOptions;
import io.fdnetty.testing.DescriptorLeaks;
import io.fdnetty.testing.Eventually;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.LengthFieldPrepender;
import java.io.IOException;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A captured connection keeps its handlers: whoever holds a context of one cannot reach the socket, and loses nothing
 * if it stays.
 */
@ExtendWith(DescriptorLeaks.class)
@Timeout(60)
class FrozenInPlaceTest {
    private static final MoveOptions LEAVES =
            MoveOptions.asAccepted().answersOnLoop().rebuilt(channel -> {});

    /**
     * A first handler that removes itself, as one for a login or a PROXY header does, and whose context somebody keeps.
     */
    private static final class Leaving extends ChannelInboundHandlerAdapter {
        final CompletableFuture<ChannelHandlerContext> kept = new CompletableFuture<>();

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ctx.fireChannelActive();
            ctx.pipeline().remove(this);
            kept.complete(ctx);
        }
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, UTF_8);
    }

    private static ChannelFuture writeOnLoop(ChannelHandlerContext ctx, String text) {
        ChannelPromise promise = ctx.newPromise();
        ctx.executor().execute(() -> ctx.writeAndFlush(bytes(text), promise));
        return promise;
    }

    @Test
    void aContextThatLeadsPastTheGateDoesNotReachTheSocketOfAnotherProcess() throws Exception {
        Leaving leaving = new Leaving();
        try (MovingServer a = new MovingServer(LEAVES, child -> child.pipeline().addLast(leaving, new Echo()));
                MovingServer b = new MovingServer(Pipelines::raw);
                Socket client = a.connect()) {
            ChannelHandlerContext bypass = leaving.kept.get(10, SECONDS);
            Captured captured = a.capture(a.only());
            ChannelFuture whileCaptured = writeOnLoop(bypass, "captured");
            Arrival arrival = b.adopt(captured.unit());
            arrival.start();
            assertThat(whileCaptured.await(50)).isFalse();
            captured.release();
            ChannelFuture afterwards = writeOnLoop(bypass, "afterwards");

            assertThatThrownBy(whileCaptured::sync).isInstanceOf(ConnectionMovedException.class);
            assertThatThrownBy(afterwards::sync).hasRootCauseInstanceOf(ConnectionMovedException.class);
            send(client, "echo");
            assertThat(read(client, 4)).isEqualTo("echo");
        }
    }

    @Test
    void whatIsWrittenPastTheGateIsSentIfTheConnectionStays() throws Exception {
        Leaving leaving = new Leaving();
        try (MovingServer a = new MovingServer(LEAVES, child -> child.pipeline().addLast(leaving, new Echo()));
                Socket client = a.connect()) {
            ChannelHandlerContext bypass = leaving.kept.get(10, SECONDS);
            Captured captured = a.capture(a.only());
            ChannelFuture written = writeOnLoop(bypass, "sent");
            assertThat(written.await(50)).isFalse();
            captured.resume("test");
            written.sync();
            assertThat(read(client, 4)).isEqualTo("sent");
        }
    }

    @Test
    void aContextFromBeforeARollBackIsStillTheRightOne() throws Exception {
        try (MovingServer a = new MovingServer(Pipelines::frames);
                Socket client = a.connect()) {
            byte[] first = frame("first".getBytes(UTF_8));
            client.getOutputStream().write(first);
            assertThat(readBytes(client, first.length)).isEqualTo(first);
            ChannelHandlerContext business = a.only().channel().pipeline().context(Echo.class);
            a.capture(a.only()).resume("test");
            writeOnLoop(business, "framed").sync();
            byte[] frame = frame("framed".getBytes(UTF_8));
            assertThat(readBytes(client, frame.length)).isEqualTo(frame);
            assertThat(a.only().channel().pipeline().context(Echo.class)).isSameAs(business);
        }
    }

    @Test
    void handlersNoticeNothingOfARollBack() throws Exception {
        List<String> life = new CopyOnWriteArrayList<>();
        AtomicInteger registered = new AtomicInteger();
        ChannelHandler filter = new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRegistered(ChannelHandlerContext ctx) {
                registered.incrementAndGet();
                ctx.fireChannelRegistered();
            }
        };
        try (MovingServer a = new MovingServer(child -> child.pipeline().addLast(filter, new Diary(life), new Echo()));
                Socket client = a.connect()) {
            for (int i = 0; i < 3; i++) {
                a.capture(a.only()).resume("test");
            }
            send(client, "x");
            assertThat(read(client, 1)).isEqualTo("x");
            assertThat(life).containsExactly("added", "active", "read");
            assertThat(registered.get()).isLessThanOrEqualTo(1);
        }
    }

    @Test
    void aSlowReaderThatWasStoppedAndLetGoGetsAllOfItsBytes() throws Exception {
        byte[] all = random(8 << 20, 11);
        try (MovingServer a = new MovingServer(Pipelines::raw);
                Socket client = a.connect(8 << 10)) {
            TrackedConnection connection = a.only();
            connection.channel().writeAndFlush(Unpooled.wrappedBuffer(all));
            stopAndForget(connection);
            assertThat(readBytes(client, all.length)).isEqualTo(all);
        }
    }

    @Test
    void anOutstandingReadIsStillOutstandingWhenTheConnectionGoesOn() throws Exception {
        try (MovingServer a = new MovingServer(child -> {
                    child.config().setAutoRead(false);
                    child.pipeline().addLast(new Echo(), new ReadOnce());
                });
                Socket client = a.connect()) {
            stopAndForget(a.only());
            a.capture(a.only()).resume("test");
            send(client, "heard");
            assertThat(read(client, 5)).isEqualTo("heard");
        }
    }

    private static final class ReadOnce extends ChannelInboundHandlerAdapter {
        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ctx.read();
        }
    }

    private static void stopAndForget(TrackedConnection connection) throws Exception {
        CompletableFuture<Void> stopped = new CompletableFuture<>();
        Capture.start(connection, new MovingServer.Outcomes() {
            @Override
            public void stopped(TrackedConnection which, Runnable goOn) {
                stopped.complete(null);
            }
        });
        stopped.get(10, SECONDS);
        connection.forgetCapture();
    }

    /** Deciphers what comes in; a byte that passes it twice is garbage. */
    private static final class Cipher extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ByteBuf in = (ByteBuf) msg;
            for (int i = in.readerIndex(); i < in.writerIndex(); i++) {
                in.setByte(i, in.getByte(i) ^ 0x5a);
            }
            ctx.fireChannelRead(in);
        }
    }

    @Test
    void unreadBytesDoNotPassTheHandlersInFrontOfTheDecoderTwice() throws Exception {
        MovingServer.Pipeline deciphered = child -> child.pipeline()
                .addLast(
                        new Cipher(),
                        new LengthFieldBasedFrameDecoder(1 << 20, 0, 4, 0, 4),
                        new LengthFieldPrepender(4),
                        new Echo());
        byte[] frame = frame("through the cipher once".getBytes(UTF_8));
        try (MovingServer a = new MovingServer(deciphered);
                MovingServer b = new MovingServer(deciphered);
                Socket client = a.connect()) {
            MovingServer from = a;
            for (byte each : frame) {
                client.getOutputStream().write(each ^ 0x5a);
                MovingServer to = from == a ? b : a;
                to.move(from.capture(from.only()));
                from = to;
            }
            assertThat(readBytes(client, frame.length)).isEqualTo(frame);
        }
    }

    @Test
    void aUserEventThatComesWhileTheConnectionIsStoppedIsDelivered() throws Exception {
        List<Object> events = new CopyOnWriteArrayList<>();
        ChannelHandler listening = new ChannelInboundHandlerAdapter() {
            @Override
            public void userEventTriggered(ChannelHandlerContext ctx, Object evt) {
                events.add(evt);
            }
        };
        try (MovingServer a = new MovingServer(child -> child.pipeline().addLast(new Echo(), listening));
                MovingServer b = new MovingServer(Pipelines::raw);
                Socket client = a.connect()) {
            TrackedConnection connection = a.only();
            CompletableFuture<Runnable> stopped = new CompletableFuture<>();
            MovingServer.Outcomes outcomes = new MovingServer.Outcomes() {
                @Override
                public void stopped(TrackedConnection which, Runnable goOn) {
                    if (!stopped.complete(goOn)) {
                        goOn.run();
                    }
                }
            };
            Capture.start(connection, outcomes);
            Runnable goOn = stopped.get(10, SECONDS);
            connection.channel().pipeline().fireUserEventTriggered("news");
            Eventually.holds("the event came", () -> events.contains("news"));
            connection.eventLoop().execute(goOn);
            Captured captured = outcomes.take().captured();
            connection.channel().pipeline().fireUserEventTriggered("late");
            connection
                    .eventLoop()
                    .submit(() -> assertThat(events).doesNotContain("late"))
                    .sync();
            captured.resume("test");
            Eventually.holds("the other event came", () -> events.contains("late"));
            b.move(a.capture(connection));
            send(client, "x");
            assertThat(read(client, 1)).isEqualTo("x");
        }
    }

    @Test
    void anAuthorCanTellAConnectionThatLeftFromOneThatEnded() throws Exception {
        List<String> seen = new CopyOnWriteArrayList<>();
        MovingServer.Pipeline pipeline = child -> {
            child.closeFuture().addListener(closed -> seen.add("closed, left=" + Connections.hasLeft(child)));
            child.pipeline().addLast(new Echo(), new ChannelInboundHandlerAdapter() {
                @Override
                public void handlerRemoved(ChannelHandlerContext ctx) {
                    seen.add("removed, left=" + Connections.hasLeft(ctx.channel()));
                }
            });
        };
        try (MovingServer a = new MovingServer(pipeline);
                MovingServer b = new MovingServer(Pipelines::raw);
                Socket client = a.connect()) {
            Channel channel = a.only().channel();
            b.move(a.capture(a.only()));
            Eventually.holds("both were seen", () -> seen.size() == 2);
            assertThat(seen).containsExactly("removed, left=true", "closed, left=true");
            assertThatThrownBy(() -> channel.writeAndFlush(bytes("late")).sync())
                    .isInstanceOf(ConnectionMovedException.class);
            assertThat(a.connections().lateOperations()).isEqualTo(1);
            send(client, "x");
            assertThat(read(client, 1)).isEqualTo("x");
        }
        seen.clear();
        try (MovingServer a = new MovingServer(pipeline);
                Socket client = a.connect()) {
            Channel channel = a.only().channel();
            client.shutdownOutput();
            channel.close();
            Eventually.holds("its handler is gone", () -> seen.size() == 2);
            assertThat(seen).containsExactlyInAnyOrder("removed, left=false", "closed, left=false");
        }
    }

    @Test
    void theOldCopyIsClosedAlthoughItsEventLoopIsBusy() throws Exception {
        CountDownLatch busy = new CountDownLatch(1);
        try (MovingServer a = new MovingServer(Pipelines::raw);
                MovingServer b = new MovingServer(Pipelines::raw);
                Socket client = a.connect()) {
            TrackedConnection connection = a.only();
            Captured captured = a.capture(connection);
            connection.eventLoop().execute(() -> await(busy));
            Arrival arrival = b.adopt(captured.unit());
            arrival.start();
            captured.release();
            captured.closeCopies();
            b.only().channel().close();
            try {
                assertThat(readToEnd(client)).isEmpty();
            } finally {
                busy.countDown();
            }
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            if (!latch.await(30, SECONDS)) {
                throw new IOException("nobody counted down");
            }
        } catch (InterruptedException | IOException e) {
            throw new AssertionError(e);
        }
    }
}
