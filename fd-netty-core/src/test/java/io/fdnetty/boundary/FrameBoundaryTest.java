package io.fdnetty.boundary;

import static io.fdnetty.internal.capture.Clients.frame;
import static io.fdnetty.internal.capture.Clients.readBytes;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.internal.capture.Captured;
import io.fdnetty.internal.capture.Echo;
import io.fdnetty.internal.capture.MovingServer;
import io.fdnetty.internal.connection.TrackedConnection;
import io.fdnetty.move.MoveOptions;
import io.fdnetty.testing.DescriptorLeaks;
import io.fdnetty.testing.Eventually;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.LengthFieldPrepender;
import io.netty.handler.codec.ReplayingDecoder;
import java.io.IOException;
import java.net.Socket;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Connections whose decoder keeps more than bytes, and sessions that begin with a login, behind a boundary of frames.
 */
@ExtendWith(DescriptorLeaks.class)
@Timeout(60)
class FrameBoundaryTest {
    private static int lengthOf(ByteBuf in) {
        return in.readableBytes() < 4 ? 0 : 4 + in.getInt(in.readerIndex());
    }

    /** Remembers the length between two reads, as MqttDecoder does. */
    private static final class Remembering extends ReplayingDecoder<Integer> {
        Remembering() {
            super(-1);
        }

        @Override
        protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
            if (state() < 0) {
                checkpoint(in.readInt());
            }
            ByteBuf body = in.readRetainedSlice(state());
            checkpoint(-1);
            out.add(body);
        }
    }

    private static MovingServer remembering(int mostHeld) throws Exception {
        return new MovingServer(child -> child.pipeline()
                .addLast(
                        new FrameBoundary(FrameBoundaryTest::lengthOf, mostHeld),
                        new Remembering(),
                        new LengthFieldPrepender(4),
                        new Echo()));
    }

    @Test
    void aDecoderThatKeepsItsStateMovesAtAnyByte() throws Exception {
        byte[] frame = frame("a frame in pieces".getBytes(UTF_8));
        try (MovingServer a = remembering(1024);
                MovingServer b = remembering(1024);
                Socket client = a.connect()) {
            MovingServer from = a;
            for (int round = 0; round < 2; round++) {
                for (byte each : frame) {
                    client.getOutputStream().write(each);
                    MovingServer to = from == a ? b : a;
                    to.move(from.capture(from.only()));
                    from = to;
                }
                assertThat(readBytes(client, frame.length)).isEqualTo(frame);
            }
        }
    }

    @Test
    void aFrameThatIsTooLongToBeHeldPassesAndTheConnectionMovesBehindIt() throws Exception {
        byte[] frame = frame(new byte[1000]);
        try (MovingServer a = remembering(100);
                MovingServer b = remembering(100);
                Socket client = a.connect()) {
            client.getOutputStream().write(frame, 0, 500);
            TrackedConnection connection = a.only();
            Eventually.holds("the first half has come in", () -> {
                try {
                    MovingServer.Outcomes outcomes = a.outcomes(connection);
                    MovingServer.Outcome first = outcomes.take();
                    if (first.captured() != null) {
                        first.captured().resume("too early");
                        return false;
                    }
                    assertThat(first.reason()).contains("a long frame is coming in");
                    client.getOutputStream().write(frame, 500, frame.length - 500);
                    b.move(outcomes.take().captured());
                    return true;
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            });
            assertThat(readBytes(client, frame.length)).isEqualTo(frame);
        }
    }

    @Test
    void whatIsNoFramePassesAndStays() throws Exception {
        try (MovingServer a = new MovingServer(child -> child.pipeline()
                        .addLast(
                                new FrameBoundary(in -> {
                                    throw new IllegalArgumentException("no frame");
                                }),
                                new Echo()));
                Socket client = a.connect()) {
            client.getOutputStream().write(7);
            assertThat(readBytes(client, 1)).containsExactly(7);
            assertThat(a.tryCapture(a.only()).reason()).contains("no frames of its protocol");
        }
    }

    /** Answers the first frame with a greeting, and every later one with the name that the first one was. */
    private static final class Session extends SimpleChannelInboundHandler<ByteBuf> {
        private String name = "";
        private final String greeting;

        Session(String greeting) {
            this.greeting = greeting;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf msg) {
            String text = msg.toString(UTF_8);
            if (name.isEmpty()) {
                name = text;
                ctx.executor().execute(() -> answer(ctx, greeting + ' ' + name));
            } else {
                answer(ctx, name + ": " + text);
            }
        }

        private static void answer(ChannelHandlerContext ctx, String text) {
            ctx.writeAndFlush(Unpooled.copiedBuffer(text, UTF_8));
        }
    }

    private static MovingServer sessions(String greeting) throws Exception {
        MoveOptions options = MoveOptions.restored()
                .inFront(() -> new LoginReplay(FrameBoundaryTest::lengthOf, ByteBuf::equals))
                .stateless(Session.class);
        return new MovingServer(
                options,
                child -> child.pipeline()
                        .addLast(
                                new LengthFieldBasedFrameDecoder(1 << 20, 0, 4, 0, 4),
                                new LengthFieldPrepender(4),
                                new Session(greeting)));
    }

    private static void says(Socket client, String text, String answer) throws IOException {
        client.getOutputStream().write(frame(text.getBytes(UTF_8)));
        byte[] expected = frame(answer.getBytes(UTF_8));
        assertThat(readBytes(client, expected.length)).isEqualTo(expected);
    }

    @Test
    void aSessionLogsInAgainWhereItArrivesAndItsClientNoticesNothing() throws Exception {
        try (MovingServer a = sessions("hello");
                MovingServer b = sessions("hello");
                Socket client = a.connect()) {
            says(client, "ann", "hello ann");
            says(client, "one", "ann: one");
            b.move(a.capture(a.only()));
            says(client, "two", "ann: two");
            a.move(b.capture(b.only()));
            says(client, "three", "ann: three");
            a.capture(a.only()).resume("test");
            says(client, "four", "ann: four");
        }
    }

    @Test
    void aSessionThatHasNotLoggedInMovesAndLogsInThere() throws Exception {
        try (MovingServer a = sessions("hello");
                MovingServer b = sessions("welcome");
                Socket client = a.connect()) {
            b.move(a.capture(a.only()));
            says(client, "ann", "welcome ann");
        }
    }

    @Test
    void aSessionWhoseLoginIsAnsweredOtherwiseIsClosed() throws Exception {
        try (MovingServer a = sessions("hello");
                MovingServer b = sessions("go away");
                Socket client = a.connect()) {
            says(client, "ann", "hello ann");
            Captured captured = a.capture(a.only());
            b.adopt(captured.unit()).start();
            captured.release();
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
    }
}
