package io.fdnetty.internal.gate;

import static io.fdnetty.internal.capture.Clients.frame;
import static io.fdnetty.internal.capture.Clients.random;
import static io.fdnetty.internal.capture.Clients.read;
import static io.fdnetty.internal.capture.Clients.readBytes;
import static io.fdnetty.internal.capture.Clients.send;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.internal.capture.Echo;
import io.fdnetty.internal.capture.MovingServer;
import io.fdnetty.internal.capture.Pipelines;
import io.fdnetty.internal.capture.ReadableBytes;
import io.fdnetty.internal.connection.MoveLimits;
import io.fdnetty.internal.connection.TrackedConnection;
import io.fdnetty.internal.netty.Fields;
import io.fdnetty.move.MovableHandler;
import io.fdnetty.move.MoveDecision;
import io.fdnetty.move.MoveOptions;
import io.fdnetty.testing.DescriptorLeaks;
import io.fdnetty.testing.Eventually;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.DefaultFileRegion;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.util.concurrent.DefaultEventExecutorGroup;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Connections that cannot move, or not now, and go on as if nothing had been asked. */
@ExtendWith(DescriptorLeaks.class)
@Timeout(60)
class RefusalTest {
    @Test
    void aDecoderWithoutFieldsKnowsItsUnreadBytesAlone() throws Exception {
        MovingServer.Pipeline pipeline = child -> child.pipeline().addLast(new PassingDecoder(), new Echo());
        try (MovingServer a = new MovingServer(pipeline);
                MovingServer b = new MovingServer(pipeline);
                Socket client = a.connect()) {
            send(client, "odd");
            assertThat(read(client, 2)).isEqualTo("od");
            b.move(a.capture(a.only()));
            send(client, "!");
            assertThat(read(client, 2)).isEqualTo("d!");
        }
    }

    @Test
    void twoByteDecodersAreRefused() throws Exception {
        MovingServer.Pipeline pipeline = child -> child.pipeline()
                .addLast(
                        new LineBasedFrameDecoder(100, false, true),
                        new LineBasedFrameDecoder(100, false, true),
                        new Echo());
        refused(MoveOptions.asAccepted(), MoveLimits.defaults(), pipeline, "second handler that decodes bytes");
    }

    @Test
    @SuppressWarnings("deprecation") // still in use
    void aHandlerWithAnExecutorOfItsOwnIsRefused() throws Exception {
        DefaultEventExecutorGroup executor = new DefaultEventExecutorGroup(1);
        try {
            MovingServer.Pipeline pipeline = child -> child.pipeline().addLast(executor, new Echo());
            refused(MoveOptions.asAccepted(), MoveLimits.defaults(), pipeline, "executor of its own");
        } finally {
            executor.shutdownGracefully(0, 5, SECONDS).sync();
        }
    }

    @Test
    void aStateThatCannotBeSavedIsRefused() throws Exception {
        MovingServer.Pipeline pipeline = child -> child.pipeline().addLast(new Unsaveable(), new Echo());
        refused(MoveOptions.restored(), MoveLimits.defaults(), pipeline, "saving the state Unsaveable failed");
    }

    @Test
    void aHandlerThatFailsWhenAskedIsRefused() throws Exception {
        MovingServer.Pipeline pipeline = child -> child.pipeline().addLast(new Undecided(), new Echo());
        refused(MoveOptions.asAccepted(), MoveLimits.defaults(), pipeline, "Undecided failed when asked");
        MovingServer.Pipeline speechless = child -> child.pipeline().addLast(new Speechless(), new Echo());
        refused(MoveOptions.asAccepted(), MoveLimits.defaults(), speechless, "mayMove returned null");
    }

    @Test
    void aHandlerThatKnowsWhyItNeverMovesIsRefusedWithItsReason() throws Exception {
        MovingServer.Pipeline pipeline = child -> child.pipeline().addLast(new Settled(), new Echo());
        refused(MoveOptions.asAccepted(), MoveLimits.defaults(), pipeline, "it likes it here");
        refused(MoveOptions.restored(), MoveLimits.defaults(), pipeline, "it likes it here");
    }

    @Test
    void nobodyPreparesForAMoveThatAnotherHandlerRulesOut() throws Exception {
        AtomicBoolean prepared = new AtomicBoolean();
        MovingServer.Pipeline pipeline =
                child -> child.pipeline().addLast(new Preparing(prepared), new Settled(), new Echo());
        refused(MoveOptions.asAccepted(), MoveLimits.defaults(), pipeline, "it likes it here");
        assertThat(prepared).isFalse();
    }

    @Test
    void aHandlerPreparesForAMoveThatIsWaitedFor() throws Exception {
        AtomicBoolean prepared = new AtomicBoolean();
        MovingServer.Pipeline pipeline = child -> child.pipeline().addLast(new Preparing(prepared), new Echo());
        try (MovingServer a = new MovingServer(pipeline);
                Socket client = a.connect()) {
            send(client, "asked when it is new");
            assertThat(read(client, 20)).isEqualTo("asked when it is new");
            assertThat(prepared).isFalse();
            assertThat(a.outcomes(a.only()).take().reason()).endsWith("Preparing says not now: it prepares");
            assertThat(prepared).isTrue();
            a.only().forgetCapture();
        }
    }

    @Test
    void aStateOfAKindThatComesBackAsAcceptedIsNotLostInSilence() throws Exception {
        MovingServer.Pipeline pipeline = child -> child.pipeline().addLast(new Hoarder(), new Echo());
        refused(
                MoveOptions.asAccepted(),
                MoveLimits.defaults(),
                pipeline,
                "RefusalTest.Hoarder has a state (version 1), which is lost where connections come back as"
                        + " accepted: declare"
                        + " the kind MoveOptions.restored()");
    }

    @Test
    void aStateThatWouldNeverBeSavedIsRefused() throws Exception {
        MovingServer.Pipeline pipeline = child -> child.pipeline().addLast(new Unversioned(), new Echo());
        String reason =
                "RefusalTest.Unversioned overrides saveState, which is never called: its stateVersion() must be at"
                        + " least 1";
        refused(MoveOptions.restored(), MoveLimits.defaults(), pipeline, reason);
        refused(MoveOptions.asAccepted(), MoveLimits.defaults(), pipeline, reason);
    }

    @Test
    void aStateThatIsTooLargeIsRefused() throws Exception {
        MovingServer.Pipeline pipeline = child -> child.pipeline().addLast(new Hoarder(), new Echo());
        refused(MoveOptions.restored(), new MoveLimits(1000), pipeline, "too much pending: 1001 bytes");
    }

    private static void refused(MoveOptions options, MoveLimits limits, MovingServer.Pipeline pipeline, String reason)
            throws Exception {
        try (MovingServer a = new MovingServer(options, limits, pipeline);
                Socket client = a.connect()) {
            MovingServer.Outcome outcome = a.tryCapture(a.only());
            assertThat(outcome.what()).isEqualTo("notMovable");
            assertThat(outcome.reason()).contains(reason);
            send(client, "works on\n");
            assertThat(read(client, 8)).isEqualTo("works on");
            assertThat(a.tryCapture(a.only()).reason()).contains(reason);
        }
    }

    @Test
    void tooManyUnreadBytesComeBackWithTheConnection() throws Exception {
        byte[] frame = frame(random(5000, 1));
        try (MovingServer a = new MovingServer(MoveOptions.asAccepted(), new MoveLimits(1000), Pipelines::frames);
                Socket client = a.connect()) {
            TrackedConnection connection = a.only();
            client.getOutputStream().write(frame, 0, 4000);
            Eventually.holds("they are read", () -> unread(connection) == 4000);
            MovingServer.Outcome outcome = a.tryCapture(connection);
            assertThat(outcome.reason()).isEqualTo("too much pending: 4000 bytes (at most 1000)");
            client.getOutputStream().write(frame, 4000, frame.length - 4000);
            assertThat(readBytes(client, frame.length)).isEqualTo(frame);
        }
    }

    private static int unread(TrackedConnection connection) {
        Channel channel = connection.channel();
        return channel.eventLoop()
                .submit(() -> ReadableBytes.of(channel.pipeline().get(LengthFieldBasedFrameDecoder.class)))
                .syncUninterruptibly()
                .getNow();
    }

    @Test
    void tooManyUnwrittenBytesStay() throws Exception {
        byte[] bytes = random(8 << 20, 2);
        try (MovingServer a = new MovingServer(MoveOptions.asAccepted(), new MoveLimits(1000), Pipelines::raw);
                Socket client = a.connect(8 << 10)) {
            a.only().channel().writeAndFlush(Unpooled.wrappedBuffer(bytes));
            assertThat(a.tryCapture(a.only()).reason()).contains("too much pending");
            assertThat(readBytes(client, bytes.length)).isEqualTo(bytes);
        }
    }

    @Test
    void aFileThatIsBeingWrittenIsWaitedFor(@TempDir Path directory) throws Exception {
        byte[] bytes = random(8 << 20, 3);
        Path file = Files.write(directory.resolve("file"), bytes);
        try (MovingServer a = new MovingServer(Pipelines::raw);
                MovingServer b = new MovingServer(Pipelines::raw);
                Socket client = a.connect(8 << 10)) {
            a.only().channel().writeAndFlush(new DefaultFileRegion(file.toFile(), 0, bytes.length));
            MovingServer.Outcomes outcomes = a.outcomes(a.only());
            assertThat(outcomes.take().reason()).contains("DefaultFileRegion is being written");
            assertThat(readBytes(client, bytes.length)).isEqualTo(bytes);
            MovingServer.Outcome outcome = outcomes.take();
            while (outcome.what().equals("notNow")) {
                outcome = outcomes.take();
            }
            b.move(outcome.captured());
            send(client, "moved");
            assertThat(read(client, 5)).isEqualTo("moved");
        }
    }

    @Test
    void aFrameThatWasTooLongIsThrownAwayToItsEndBeforeTheConnectionMoves() throws Exception {
        try (MovingServer a = new MovingServer(Pipelines::lines);
                MovingServer b = new MovingServer(Pipelines::lines);
                Socket client = a.connect()) {
            TrackedConnection connection = a.only();
            send(client, "x".repeat(200));
            Eventually.holds("it discards", () -> isDiscarding(connection));
            MovingServer.Outcomes outcomes = a.outcomes(connection);
            assertThat(outcomes.take().reason()).contains("is discarding a frame that was too long");
            send(client, "xx\nshort\n");
            MovingServer.Outcome outcome = outcomes.take();
            while (outcome.what().equals("notNow")) {
                outcome = outcomes.take();
            }
            b.move(outcome.captured());
            assertThat(read(client, 6)).isEqualTo("short\n");
        }
    }

    private static boolean isDiscarding(TrackedConnection connection) {
        Channel channel = connection.channel();
        return channel.eventLoop()
                .submit(() -> (boolean) Fields.read(channel.pipeline().get(LineBasedFrameDecoder.class), "discarding"))
                .syncUninterruptibly()
                .getNow();
    }

    @Test
    void aHandlerThatSaysNotNowSaysWhen() throws Exception {
        AtomicReference<Runnable> kept = new AtomicReference<>();
        AtomicBoolean busy = new AtomicBoolean(true);
        MovingServer.Pipeline pipeline = child -> child.pipeline().addLast(new Busy(busy, kept), new Echo());
        try (MovingServer a = new MovingServer(pipeline);
                MovingServer b = new MovingServer(pipeline);
                Socket client = a.connect()) {
            MovingServer.Outcomes outcomes = a.outcomes(a.only());
            assertThat(outcomes.take().what()).isEqualTo("notNow");
            send(client, "busy");
            assertThat(read(client, 4)).isEqualTo("busy");
            kept.get().run();
            assertThat(outcomes.take().what()).isEqualTo("notNow");
            busy.set(false);
            kept.get().run();
            b.move(outcomes.take().captured());
            send(client, "moved");
            assertThat(read(client, 5)).isEqualTo("moved");
        }
    }

    @Test
    void aForgottenCaptureNeverHappens() throws Exception {
        AtomicReference<Runnable> kept = new AtomicReference<>();
        AtomicBoolean busy = new AtomicBoolean(true);
        try (MovingServer a = new MovingServer(child -> child.pipeline().addLast(new Busy(busy, kept), new Echo()));
                Socket client = a.connect()) {
            MovingServer.Outcomes outcomes = a.outcomes(a.only());
            outcomes.take();
            a.only().forgetCapture();
            busy.set(false);
            kept.get().run();
            send(client, "still here");
            assertThat(read(client, 10)).isEqualTo("still here");
            assertThat(outcomes.isEmpty()).isTrue();
            a.capture(a.only()).resume("end of test");
        }
    }

    @Test
    void aConnectionThatEndsWhileItIsWaitedForIsReportedClosed() throws Exception {
        AtomicReference<Runnable> kept = new AtomicReference<>();
        MovingServer.Pipeline pipeline =
                child -> child.pipeline().addLast(new Busy(new AtomicBoolean(true), kept), new Echo());
        try (MovingServer a = new MovingServer(pipeline);
                Socket client = a.connect()) {
            MovingServer.Outcomes outcomes = a.outcomes(a.only());
            outcomes.take();
            a.only().farewell();
            assertThat(outcomes.isEmpty()).isTrue();
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void writersThatNeverStopAreRefusedForNow() throws Exception {
        try (MovingServer a = new MovingServer(Pipelines::raw);
                Socket client = a.connect(8 << 10)) {
            Channel channel = a.only().channel();
            AtomicBoolean on = new AtomicBoolean(true);
            channel.eventLoop().execute(() -> writeForever(channel, on));
            MovingServer.Outcomes outcomes = a.outcomes(a.only());
            assertThat(outcomes.take().reason()).contains("writes on and on");
            on.set(false);
            a.only().forgetCapture();
            assertThat(read(client, 3)).isEqualTo("...");
        }
    }

    private static void writeForever(Channel channel, AtomicBoolean on) {
        channel.writeAndFlush(Unpooled.copiedBuffer(".".repeat(100_000), UTF_8)).addListener(written -> {
            if (written.isSuccess() && on.get()) {
                writeForever(channel, on);
            }
        });
    }

    /** Passes on two bytes at a time. */
    private static final class PassingDecoder extends ByteToMessageDecoder {
        @Override
        protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
            if (in.readableBytes() >= 2) {
                out.add(in.readRetainedSlice(2));
            }
        }
    }

    private static final class Unsaveable extends ChannelInboundHandlerAdapter implements MovableHandler {
        @Override
        public int stateVersion() {
            return 1;
        }

        @Override
        public void saveState(ChannelHandlerContext ctx, ByteBuf out) {
            out.writeInt(1);
            ctx.writeAndFlush(Unpooled.EMPTY_BUFFER);
            throw new IllegalStateException("test");
        }
    }

    private static final class Unversioned extends ChannelInboundHandlerAdapter implements MovableHandler {
        @Override
        public void saveState(ChannelHandlerContext ctx, ByteBuf out) {
            out.writeInt(1);
        }
    }

    private static final class Settled extends ChannelInboundHandlerAdapter implements MovableHandler {
        @Override
        public MoveDecision mayMove(ChannelHandlerContext ctx, Runnable retry) {
            return MoveDecision.never("it likes it here");
        }
    }

    private static final class Preparing extends ChannelInboundHandlerAdapter implements MovableHandler {
        private final AtomicBoolean prepared;

        Preparing(AtomicBoolean prepared) {
            this.prepared = prepared;
        }

        @Override
        public MoveDecision mayMove(ChannelHandlerContext ctx, Runnable retry) {
            return MoveDecision.notNow("it prepares", () -> prepared.set(true));
        }
    }

    private static final class Undecided extends ChannelInboundHandlerAdapter implements MovableHandler {
        @Override
        public MoveDecision mayMove(ChannelHandlerContext ctx, Runnable retry) {
            throw new IllegalStateException("test");
        }
    }

    private static final class Speechless extends ChannelInboundHandlerAdapter implements MovableHandler {
        @Override
        @SuppressWarnings("NullAway") // an author without NullAway
        public MoveDecision mayMove(ChannelHandlerContext ctx, Runnable retry) {
            return null;
        }
    }

    private static final class Hoarder extends ChannelInboundHandlerAdapter implements MovableHandler {
        @Override
        public int stateVersion() {
            return 1;
        }

        @Override
        public void saveState(ChannelHandlerContext ctx, ByteBuf out) {
            out.writeZero(1001);
        }
    }

    private static final class Busy extends ChannelInboundHandlerAdapter implements MovableHandler {
        private final AtomicBoolean busy;
        private final AtomicReference<Runnable> kept;

        Busy(AtomicBoolean busy, AtomicReference<Runnable> kept) {
            this.busy = busy;
            this.kept = kept;
        }

        @Override
        public MoveDecision mayMove(ChannelHandlerContext ctx, Runnable retry) {
            kept.set(retry);
            return busy.get() ? MoveDecision.notNow("") : MoveDecision.yes();
        }
    }
}
