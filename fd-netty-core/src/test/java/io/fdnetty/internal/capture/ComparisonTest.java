package io.fdnetty.internal.capture;

import static io.fdnetty.internal.capture.Clients.read;
import static io.fdnetty.internal.capture.Clients.send;
import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.internal.connection.TrackedConnection;
import io.fdnetty.move.MovableHandler;
import io.fdnetty.move.MoveOptions;
import io.fdnetty.testing.DescriptorLeaks;
import io.fdnetty.testing.Eventually;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.CombinedChannelDuplexHandler;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.MessageToMessageDecoder;
import io.netty.handler.codec.ReplayingDecoder;
import io.netty.handler.codec.string.StringDecoder;
import io.netty.handler.codec.string.StringEncoder;
import java.net.Socket;
import java.util.AbstractCollection;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import javax.crypto.Cipher;
import javax.crypto.NullCipher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Handlers on which there is no verdict: they move while their fields are those of a fresh one. */
@ExtendWith(DescriptorLeaks.class)
@Timeout(60)
@SuppressWarnings("UnusedVariable") // the comparison reads them
class ComparisonTest {
    @Test
    void aDecoderWhoseKeyCameWithTheFirstBytesDoesNotMove() throws Exception {
        staysWith(
                "XorDecoder.key has changed since it was added: it does not move in this state; declare"
                        + " stateless(ComparisonTest.XorDecoder.class), or statelessWhen, or let it be a"
                        + " MovableHandler",
                XorDecoder::new);
    }

    @Test
    void aDecoderThatHasSeenNothingMoves() throws Exception {
        moves(XorDecoder::new, "", "\u0001@C", "AB");
    }

    @Test
    void aSubclassOfAFrameDecoderWithAFieldOfItsOwnDoesNotMove() throws Exception {
        staysWith("NumberedLines.number has changed", NumberedLines::new);
    }

    @Test
    void aReplayingDecoderDoesNotMoveBehindACheckpoint() throws Exception {
        staysWith(
                "Checkpoints.first has changed since it was added: it does not move in this state; declare"
                        + " statelessWhen(ComparisonTest.Checkpoints.class, ...), or let it be a MovableHandler",
                Checkpoints::new);
    }

    @Test
    void aReplayingDecoderThatIsBackAtItsFirstStateMoves() throws Exception {
        moves(Checkpoints::new, "ab", "cd", "abcd");
    }

    @Test
    void aHalfOfACombinedHandlerIsComparedToo() throws Exception {
        staysWith("XorDecoder.key has changed", () -> new Combined(new XorDecoder(), new StringEncoder()));
    }

    @Test
    void anAggregatorOfTheAuthorsDoesNotMoveWithAPart() throws Exception {
        staysWith("Pairs.parts has changed", Pairs::new);
    }

    @Test
    void aSubclassOfASharableHandlerIsNotTakenForShared() throws Exception {
        staysWith("Counting.count has changed", Counting::new);
    }

    @Test
    void aLoginFlagDoesNotVanishInSilence() throws Exception {
        staysWith("Login.loggedIn has changed since it was added", Login::new);
    }

    @Test
    void aLoginInAnObjectBehindAFieldDoesNotVanishInSilence() throws Exception {
        staysWith("Sessions.session.user has changed", Sessions::new);
        staysWith("AtomicLogin.loggedIn has changed", AtomicLogin::new);
    }

    @Test
    void aCipherIsNoSecretThatCanBeSeen() throws Exception {
        MovingServer.Pipeline pipeline = child -> child.pipeline().addLast(new Encrypting(), new Echo());
        try (MovingServer a = new MovingServer(pipeline);
                Socket client = a.connect()) {
            MovingServer.Outcome outcome = a.tryCapture(a.only());
            assertThat(outcome.what()).isEqualTo("notMovable");
            assertThat(outcome.reason())
                    .startsWith("ComparisonTest.Encrypting.cipher is a Cipher, whose state cannot be seen; declare");
            send(client, "x");
            assertThat(read(client, 1)).isEqualTo("x");
        }
    }

    @Test
    void whatChannelActiveSetsIsFreshInAConnectionThatComesBackAsAccepted() throws Exception {
        moves(Greeting::new, "x", "y", "xy");
    }

    @Test
    void whatTheInitializerKnowsIsSharedAndSoIsWhatTwoConnectionsHaveInCommon() throws Exception {
        AtomicInteger counter = new AtomicInteger();
        moves(() -> new Metered(counter), "x", "y", "xy");
        assertThat(counter).hasValue(2);
        try (MovingServer a = new MovingServer(child -> child.pipeline().addLast(new Metered(Counters.get())));
                MovingServer b = new MovingServer(child -> child.pipeline().addLast(new Metered(Counters.get())));
                Socket client = a.connect()) {
            TrackedConnection first = a.only();
            try (Socket second = a.connect()) {
                Eventually.holds("two", () -> a.connections().open().size() == 2);
                send(second, "s");
                assertThat(read(second, 1)).isEqualTo("s");
                b.move(a.capture(first));
                send(client, "x");
                assertThat(read(client, 1)).isEqualTo("x");
            }
        }
    }

    @Test
    void aFieldThatNoTwoConnectionsHaveInCommonTellsNothing() throws Exception {
        try (MovingServer a = new MovingServer(child -> child.pipeline().addLast(new Named()));
                Socket client = a.connect()) {
            TrackedConnection first = a.only();
            try (Socket second = a.connect()) {
                Eventually.holds("two", () -> a.connections().open().size() == 2);
                assertThat(a.tryCapture(first).reason())
                        .startsWith("ComparisonTest.Named.name differs from one connection to another, so it"
                                + " tells nothing: make it"
                                + " final, or declare stateless(ComparisonTest.Named.class)");
                send(second, "s");
                send(client, "x");
                assertThat(read(client, 1) + read(second, 1)).isEqualTo("xs");
            }
        }
    }

    @Test
    void aHandlerThatCameLaterIsNotInANewPipeline() throws Exception {
        try (MovingServer a = new MovingServer(Pipelines::raw);
                Socket client = a.connect()) {
            send(client, "w");
            assertThat(read(client, 1)).isEqualTo("w");
            TrackedConnection connection = a.only();
            connection.channel().pipeline().addFirst(new Login());
            assertThat(a.tryCapture(connection).reason())
                    .startsWith(
                            "ComparisonTest.Login, which the initializer did not add, is there: the new process would"
                                    + " be without it; declare MoveOptions.rebuilt(");
            send(client, "x");
            assertThat(read(client, 1)).isEqualTo("x");
        }
    }

    @Test
    void aHandlerThatCannotBeLookedAtServesAndStays() throws Exception {
        try (MovingServer a = new MovingServer(child -> child.pipeline().addLast(new Unmeasurable(), new Echo()));
                Socket client = a.connect()) {
            send(client, "x");
            assertThat(read(client, 1)).isEqualTo("x");
            assertThat(a.tryCapture(a.only()).reason()).contains("Unmeasurable");
            send(client, "y");
            assertThat(read(client, 1)).isEqualTo("y");
        }
    }

    @Test
    void whatIsDeclaredIsNotCompared() throws Exception {
        MoveOptions options = MoveOptions.asAccepted().stateless(Login.class);
        MovingServer.Pipeline pipeline = child -> child.pipeline().addLast(new Login(), new Echo());
        try (MovingServer a = new MovingServer(options, pipeline);
                MovingServer b = new MovingServer(options, pipeline);
                Socket client = a.connect()) {
            send(client, "x");
            assertThat(read(client, 1)).isEqualTo("x");
            b.move(a.capture(a.only()));
            send(client, "y");
            assertThat(read(client, 1)).isEqualTo("y");
        }
    }

    /** Bytes have been decoded: the connection is not moved, with this reason, and works on. */
    private static void staysWith(String reason, Supplier<ChannelHandler> handler) throws Exception {
        AtomicInteger reads = new AtomicInteger();
        MovingServer.Pipeline pipeline =
                child -> child.pipeline().addLast(handler.get(), new Noting(reads), new Echo());
        try (MovingServer a = new MovingServer(pipeline);
                Socket client = a.connect()) {
            TrackedConnection connection = a.only();
            send(client, "\u0001@\n");
            Eventually.holds("it is read", () -> reads.get() > 0);
            MovingServer.Outcomes outcomes = a.outcomes(connection);
            assertThat(outcomes.take().reason()).startsWith("ComparisonTest." + reason);
            connection.forgetCapture();
        }
    }

    /** After the first text the connection moves, and the second text gets the rest of the answer. */
    private static void moves(Supplier<ChannelHandler> handler, String first, String second, String answer)
            throws Exception {
        MovingServer.Pipeline pipeline = child -> child.pipeline().addLast(handler.get(), new Echo());
        try (MovingServer a = new MovingServer(pipeline);
                MovingServer b = new MovingServer(pipeline);
                Socket client = a.connect()) {
            TrackedConnection connection = a.only();
            send(client, first);
            assertThat(read(client, first.length())).isEqualTo(first);
            b.move(a.capture(connection));
            send(client, second);
            assertThat(read(client, answer.length() - first.length())).isEqualTo(answer.substring(first.length()));
        }
    }

    /** Counts the reads that have come this far. */
    private static final class Noting extends ChannelInboundHandlerAdapter implements MovableHandler {
        private final AtomicInteger reads;

        Noting(AtomicInteger reads) {
            this.reads = reads;
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            reads.incrementAndGet();
            ctx.fireChannelReadComplete();
        }
    }

    /** The first byte is the key for the others. */
    private static final class XorDecoder extends ByteToMessageDecoder {
        private byte[] key;

        @Override
        protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
            if (key == null) {
                key = new byte[] {in.readByte()};
            }
            ByteBuf plain = ctx.alloc().buffer();
            while (in.isReadable()) {
                plain.writeByte(in.readByte() ^ key[0]);
            }
            out.add(plain);
        }
    }

    private static final class NumberedLines extends LineBasedFrameDecoder {
        private int number;

        NumberedLines() {
            super(100);
        }

        @Override
        protected Object decode(ChannelHandlerContext ctx, ByteBuf in) throws Exception {
            Object line = super.decode(ctx, in);
            number += line == null ? 0 : 1;
            return line;
        }
    }

    /** Two bytes, in two steps. */
    private static final class Checkpoints extends ReplayingDecoder<Boolean> {
        private byte first;

        Checkpoints() {
            super(true);
        }

        @Override
        protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
            if (state()) {
                first = in.readByte();
                checkpoint(false);
            }
            byte second = in.readByte();
            out.add(Unpooled.copiedBuffer(new byte[] {first, second}));
            first = 0;
            checkpoint(true);
        }
    }

    private static final class Combined extends CombinedChannelDuplexHandler<XorDecoder, StringEncoder> {
        Combined(XorDecoder decoder, StringEncoder encoder) {
            super(decoder, encoder);
        }
    }

    private static final class Pairs extends MessageToMessageDecoder<ByteBuf> {
        private final List<ByteBuf> parts = new ArrayList<>();

        @Override
        protected void decode(ChannelHandlerContext ctx, ByteBuf msg, List<Object> out) {
            parts.add(Unpooled.copiedBuffer(msg));
            if (parts.size() == 2) {
                out.add(Unpooled.wrappedBuffer(parts.get(0), parts.get(1)));
                parts.clear();
            }
        }
    }

    private static final class Counting extends StringDecoder {
        private int count;

        @Override
        protected void decode(ChannelHandlerContext ctx, ByteBuf msg, List<Object> out) {
            count++;
            out.add(msg.retain());
        }
    }

    private static class Login extends ChannelInboundHandlerAdapter {
        private boolean loggedIn;

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            loggedIn = true;
            ctx.fireChannelRead(msg);
        }
    }

    private static final class AtomicLogin extends ChannelInboundHandlerAdapter {
        private final AtomicBoolean loggedIn = new AtomicBoolean();

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            loggedIn.set(true);
            ctx.fireChannelRead(msg);
        }
    }

    private static final class Session {
        private final UUID id = UUID.randomUUID();
        private final Queue<UUID> tokens = new ArrayDeque<>();
        private String user;
    }

    private static final class Sessions extends ChannelInboundHandlerAdapter {
        private Session session;

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            session = new Session();
            ctx.fireChannelActive();
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            session.user = session.tokens.isEmpty() ? "u" : session.id.toString();
            ctx.fireChannelRead(msg);
        }
    }

    private static final class Greeting extends ChannelInboundHandlerAdapter {
        private Session session;

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            session = new Session();
            ctx.fireChannelActive();
        }
    }

    private static final class Encrypting extends ChannelInboundHandlerAdapter {
        private final Cipher cipher = new NullCipher();

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            assertThat(cipher).isNotNull();
            ctx.fireChannelRead(msg);
        }
    }

    private static final class Counters {
        private static AtomicInteger counter;

        static synchronized AtomicInteger get() {
            counter = counter == null ? new AtomicInteger() : counter;
            return counter;
        }
    }

    private static final class Metered extends ChannelInboundHandlerAdapter {
        private final AtomicInteger counter;

        Metered(AtomicInteger counter) {
            this.counter = counter;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            counter.incrementAndGet();
            if (ctx.pipeline().last() == this) {
                ctx.writeAndFlush(msg);
            } else {
                ctx.fireChannelRead(msg);
            }
        }
    }

    private static final class Unmeasurable extends ChannelInboundHandlerAdapter {
        private final Collection<String> endless = new AbstractCollection<>() {
            @Override
            public Iterator<String> iterator() {
                throw new UnsupportedOperationException("test");
            }

            @Override
            public int size() {
                throw new UnsupportedOperationException("test");
            }
        };

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            assertThat(endless).isNotSameAs(msg);
            ctx.fireChannelRead(msg);
        }
    }

    private static final class Named extends ChannelInboundHandlerAdapter {
        private String name = UUID.randomUUID().toString();

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            name = name.isEmpty() ? "none" : name;
            ctx.writeAndFlush(msg);
        }
    }
}
