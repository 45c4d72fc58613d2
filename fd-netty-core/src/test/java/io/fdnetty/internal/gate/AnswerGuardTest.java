package io.fdnetty.internal.gate;

import static io.fdnetty.internal.capture.Clients.frame;
import static io.fdnetty.internal.capture.Clients.readBytes;
import static io.fdnetty.internal.capture.Clients.send;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.internal.capture.MovingServer;
import io.fdnetty.internal.connection.TrackedConnection;
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
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.LengthFieldPrepender;
import java.io.IOException;
import java.net.Socket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Connections whose handlers answer elsewhere than on their event loop, several times, or unasked. */
@ExtendWith(DescriptorLeaks.class)
@Timeout(60)
@SuppressWarnings("try") // closing is all that some clients are for
class AnswerGuardTest {
    /** Messages that a server has taken and not answered. */
    private final BlockingQueue<Asked> asked = new LinkedBlockingQueue<>();

    private record Asked(ChannelHandlerContext ctx, String text) {
        void answer(String answer) {
            ctx.writeAndFlush(bytes(answer));
        }
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, UTF_8);
    }

    /** Gives each message to whoever answers it. */
    private final class Asking extends SimpleChannelInboundHandler<ByteBuf> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf message) {
            asked.add(new Asked(ctx, message.toString(UTF_8)));
        }
    }

    private void asking(Channel child) {
        child.pipeline()
                .addLast(
                        new LengthFieldBasedFrameDecoder(1 << 20, 0, 4, 0, 4),
                        new LengthFieldPrepender(4),
                        new Asking());
    }

    private static MovingServer server(MovingServer.Pipeline pipeline) throws Exception {
        return new MovingServer(MoveOptions.asAccepted(), pipeline);
    }

    private Asked nextAsked() throws InterruptedException {
        Asked next = asked.poll(10, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("no message came");
        }
        return next;
    }

    private static void ask(Socket client, String text) throws IOException {
        send(client, frame(text.getBytes(UTF_8)));
    }

    private static void expect(Socket client, String... answers) throws IOException {
        for (String answer : answers) {
            byte[] expected = frame(answer.getBytes(UTF_8));
            assertThat(readBytes(client, expected.length)).isEqualTo(expected);
        }
    }

    @Test
    void anAnswerThatIsComputedElsewhereIsAwaited() throws Exception {
        try (MovingServer a = server(this::asking);
                MovingServer b = server(this::asking);
                Socket client = a.connect()) {
            ask(client, "one");
            Asked one = nextAsked();
            MovingServer.Outcomes outcomes = a.outcomes(a.only());
            assertThat(outcomes.take().reason()).startsWith("1 message waits for an answer");

            one.answer("1");
            b.move(outcomes.take().captured());
            ask(client, "two");
            nextAsked().answer("2");
            expect(client, "1", "2");
        }
    }

    @Test
    void whatIsAskedWhileAnswersAreAwaitedMovesUnread() throws Exception {
        try (MovingServer a = server(this::asking);
                MovingServer b = server(this::asking);
                Socket client = a.connect()) {
            ask(client, "one");
            ask(client, "two");
            Asked one = nextAsked();
            Asked two = nextAsked();
            MovingServer.Outcomes outcomes = a.outcomes(a.only());
            assertThat(outcomes.take().reason()).startsWith("2 messages wait for an answer");
            ask(client, "three");
            two.answer("2");
            one.answer("1");
            b.move(outcomes.take().captured());

            nextAsked().answer("3");
            expect(client, "2", "1", "3");
            assertThat(asked).isEmpty();
        }
    }

    @Test
    void whatIsHeldIsSeenOnceByAHandlerInFrontOfTheDecoder() throws Exception {
        MovingServer.Pipeline counted = child -> {
            asking(child);
            child.pipeline().addFirst(new Flipping());
        };
        try (MovingServer a = server(counted);
                MovingServer b = server(counted);
                Socket client = a.connect()) {
            send(client, flipped(frame("one".getBytes(UTF_8))));
            Asked one = nextAsked();
            MovingServer.Outcomes outcomes = a.outcomes(a.only());
            outcomes.take();
            send(client, flipped(frame("two".getBytes(UTF_8))));
            one.answer("1");
            b.move(outcomes.take().captured());
            nextAsked().answer("2");
            expect(client, "1", "2");
        }
    }

    private static byte[] flipped(byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] ^= 0x55;
        }
        return bytes;
    }

    /** A cipher, of a kind. */
    private static final class Flipping extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ByteBuf bytes = (ByteBuf) msg;
            for (int i = bytes.readerIndex(); i < bytes.writerIndex(); i++) {
                bytes.setByte(i, bytes.getByte(i) ^ 0x55);
            }
            ctx.fireChannelRead(bytes);
        }
    }

    @Test
    void aMessageThatNeedsAnotherOneForItsAnswerGetsIt() throws Exception {
        MovingServer.Pipeline pairs = child -> {
            asking(child);
            child.pipeline().replace(Asking.class, null, new Pairs());
        };
        try (MovingServer a = new MovingServer(MoveOptions.asAccepted().stateless(Pairs.class), pairs);
                Socket client = a.connect()) {
            ask(client, "one");
            Eventually.holds("it is taken", () -> waiting(a.only().channel()) == 1);
            MovingServer.Outcomes outcomes = a.outcomes(a.only());
            assertThat(outcomes.take().reason()).startsWith("1 message waits");
            ask(client, "two");
            expect(client, "both");
            a.only().forgetCapture();
            ask(client, "three");
            ask(client, "four");
            expect(client, "both");
        }
    }

    private static int waiting(Channel channel) {
        return channel.eventLoop()
                .submit(() -> channel.pipeline().get(AnswerGuard.class).waiting())
                .syncUninterruptibly()
                .getNow();
    }

    /** Answers two messages with one. */
    private static final class Pairs extends SimpleChannelInboundHandler<ByteBuf> {
        private boolean second;

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf message) {
            if (second) {
                ctx.writeAndFlush(bytes("both"));
            }
            second = !second;
        }
    }

    @Test
    void afterAPushNobodyKnowsWhatIsAnswered() throws Exception {
        try (MovingServer a = server(this::asking);
                Socket client = a.connect()) {
            ask(client, "subscribe");
            nextAsked().answer("ok");
            expect(client, "ok");
            a.only().channel().writeAndFlush(bytes("news"));
            expect(client, "news");

            MovingServer.Outcome outcome = a.tryCapture(a.only());
            assertThat(outcome.what()).isEqualTo("notMovable");
            assertThat(outcome.reason()).contains("cannot be told", "answersOnLoop()", "oneWay()", "idleWhen(");
            ask(client, "still here");
            nextAsked().answer("yes");
            expect(client, "yes");
            TrackedConnection one = a.only();
            try (Socket silent = a.connect()) {
                a.capture(another(a, one)).resume("one that has asked nothing owes nothing");
            }
        }
    }

    private static TrackedConnection another(MovingServer server, TrackedConnection one) {
        Eventually.holds("two connections", () -> server.connections().open().size() == 2);
        return server.connections().open().stream()
                .filter(connection -> connection != one)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aKindThatIsDeclaredOneWayMovesWhateverIsWritten() throws Exception {
        MoveOptions oneWay = MoveOptions.asAccepted().oneWay();
        try (MovingServer a = new MovingServer(oneWay, this::asking);
                MovingServer b = new MovingServer(oneWay, this::asking);
                Socket client = a.connect()) {
            ask(client, "subscribe");
            nextAsked();
            a.only().channel().writeAndFlush(bytes("news"));
            TrackedConnection moved = b.move(a.capture(a.only()));
            moved.channel().writeAndFlush(bytes("more"));
            expect(client, "news", "more");
        }
    }

    @Test
    void oneAnswerOfSeveralMessagesLaterIsNotTakenForAll() throws Exception {
        try (MovingServer a = server(this::asking);
                Socket client = a.connect()) {
            ask(client, "in two parts");
            Asked one = nextAsked();
            one.answer("1 of 2");
            one.answer("2 of 2");
            expect(client, "1 of 2", "2 of 2");
            assertThat(a.tryCapture(a.only()).reason()).contains("cannot be told");
        }
    }

    @Test
    void severalWritesOnTheLoopAreOneAnswer() throws Exception {
        MovingServer.Pipeline parts = child -> {
            asking(child);
            child.pipeline().replace(Asking.class, null, new Parts());
        };
        try (MovingServer a = server(parts);
                MovingServer b = server(parts);
                Socket client = a.connect()) {
            ask(client, "x");
            expect(client, "head", "body");
            b.move(a.capture(a.only()));
            ask(client, "x");
            expect(client, "head", "body");
        }
    }

    private static final class Parts extends SimpleChannelInboundHandler<ByteBuf> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf message) {
            ctx.write(bytes("head"));
            ctx.writeAndFlush(bytes("body"));
        }
    }

    @Test
    void aGreetingAndHeartbeatsAreNoPushes() throws Exception {
        MovingServer.Pipeline greeting = child -> {
            asking(child);
            child.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                @Override
                public void channelActive(ChannelHandlerContext ctx) {
                    ctx.channel().writeAndFlush(bytes("welcome"));
                }
            });
        };
        try (MovingServer a = server(greeting);
                Socket client = a.connect()) {
            expect(client, "welcome");
            ask(client, "x");
            nextAsked().answer("y");
            expect(client, "y");
            a.capture(a.only()).resume("nothing waits");
        }
    }

    @Test
    void theAuthorsPredicateDecides() throws Exception {
        AtomicInteger working = new AtomicInteger();
        MoveOptions idle = MoveOptions.asAccepted().idleWhen(channel -> working.get() == 0);
        try (MovingServer a = new MovingServer(idle, this::asking);
                MovingServer b = new MovingServer(idle, this::asking);
                Socket client = a.connect()) {
            working.set(1);
            MovingServer.Outcomes outcomes = a.outcomes(a.only());
            assertThat(outcomes.take().reason()).contains("idleWhen");
            working.set(0);
            MovingServer.Outcome outcome = outcomes.take();
            while (outcome.what().equals("notNow")) {
                outcome = outcomes.take();
            }
            b.move(outcome.captured());
            ask(client, "x");
            nextAsked().answer("y");
            expect(client, "y");
        }
    }

    @Test
    void aPredicateThatThrowsKeepsTheConnection() throws Exception {
        MoveOptions broken = MoveOptions.asAccepted().idleWhen(channel -> {
            throw new IllegalStateException("test");
        });
        try (MovingServer a = new MovingServer(broken, this::asking);
                Socket client = a.connect()) {
            assertThat(a.tryCapture(a.only()).reason()).contains("idleWhen failed", "test");
            ask(client, "x");
            nextAsked().answer("y");
            expect(client, "y");
        }
    }

    @Test
    void aHandlerThatSaysWhenToMoveIsNotCountedFor() throws Exception {
        AtomicBoolean busy = new AtomicBoolean();
        try (MovingServer a = server(child -> {
                    asking(child);
                    child.pipeline().addLast(new Knowing(busy));
                });
                Socket client = a.connect()) {
            ask(client, "x");
            nextAsked();
            assertThat(a.only().channel().pipeline().get(AnswerGuard.class)).isNull();
        }
    }

    private static final class Knowing extends ChannelInboundHandlerAdapter implements MovableHandler {
        private final AtomicBoolean busy;

        Knowing(AtomicBoolean busy) {
            this.busy = busy;
        }

        @Override
        public MoveDecision mayMove(ChannelHandlerContext ctx, Runnable retry) {
            return busy.get() ? MoveDecision.notNow("") : MoveDecision.yes();
        }
    }

    @Test
    void messagesAreCountedBehindTheCodecsAndBeforeTheFirstHandlerThatMayAnswer() throws Exception {
        try (MovingServer a = server(this::asking);
                Socket client = a.connect()) {
            ask(client, "x");
            nextAsked();
            assertThat(a.only().channel().pipeline().names())
                    .containsSequence("LengthFieldPrepender#0", AnswerGuard.NAME, "AnswerGuardTest$Asking#0");
        }
    }
}
