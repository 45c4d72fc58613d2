package io.fdnetty.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.internal.capture.Captured;
import io.fdnetty.internal.capture.MovingServer;
import io.fdnetty.internal.connection.TrackedConnection;
import io.fdnetty.move.MovableHandler;
import io.fdnetty.move.MoveOptions;
import io.fdnetty.testing.DescriptorLeaks;
import io.fdnetty.testing.Eventually;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.handler.codec.http.websocketx.extensions.compression.WebSocketServerCompressionHandler;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** WebSockets that move while their clients talk; their servers have a {@link WebSocketBoundary}. */
@ExtendWith(DescriptorLeaks.class)
@Timeout(60)
class WebSocketMoveTest {
    private final List<String> events = new CopyOnWriteArrayList<>();

    @Test
    void aClientNoticesNothingAndTheApplicationHearsOfNoSecondHandshake() throws Exception {
        try (MovingServer a = server();
                MovingServer b = server();
                RawClient client = new RawClient(a.connect())) {
            client.upgrade("/chat?room=1");
            client.send(Frames.text("before"));
            assertThat(client.readText()).isEqualTo("1 before");
            TrackedConnection moved = b.move(a.capture(a.only()));
            client.send(Frames.text("after"));
            assertThat(client.readText()).isEqualTo("2 after");
            assertThat(WebSocketBoundary.of(moved.channel()).requestUri()).isEqualTo("/chat?room=1");
            a.move(b.capture(moved));
            client.send(Frames.text("again"));
            assertThat(client.readText()).isEqualTo("3 again");
        }
        assertThat(events).containsOnlyOnce("HandshakeComplete").contains("ConnectionRestored");
    }

    @Test
    void thePipelineIsThatOfAHandshakeThatTookPlaceHere() throws Exception {
        try (MovingServer a = server();
                MovingServer b = server();
                RawClient client = new RawClient(a.connect())) {
            client.upgrade("/chat", "Sec-WebSocket-Protocol: news, talk");
            Channel channel = a.only().channel();
            List<String> names =
                    channel.eventLoop().submit(() -> channel.pipeline().names()).get();
            TrackedConnection moved = b.move(a.capture(a.only()));
            assertThat(moved.channel().pipeline().names()).isEqualTo(names).contains("wsdecoder", "wsencoder");
            assertThat(WebSocketBoundary.of(moved.channel()).subprotocol()).isEqualTo("talk");
        }
    }

    @Test
    void halfAFrameMovesAtEveryByteOfIt() throws Exception {
        try (MovingServer a = server();
                MovingServer b = server();
                RawClient client = new RawClient(a.connect())) {
            client.upgrade("/chat");
            MovingServer from = a;
            MovingServer to = b;
            byte[] frame = Frames.text("x".repeat(126));
            for (int i = 0; i < 20; i++) {
                int cut = i < 10 ? i : frame.length - 20 + i;
                client.send(Arrays.copyOf(frame, cut));
                to.move(from.capture(from.only()));
                client.send(Arrays.copyOfRange(frame, cut, frame.length));
                assertThat(client.readText()).endsWith("x".repeat(126)).startsWith(i + 1 + " ");
                MovingServer other = from;
                from = to;
                to = other;
            }
        }
    }

    @Test
    void fragmentsAndPingsAreHeardInOrderAcrossManyMoves() throws Exception {
        try (MovingServer a = server();
                MovingServer b = server();
                RawClient client = new RawClient(a.connect())) {
            client.upgrade("/chat");
            MovingServer from = a;
            MovingServer to = b;
            Random random = new Random(1);
            for (int i = 1; i <= 20; i++) {
                String text = "t".repeat(new int[] {0, 1, 124, 125, 126, 127, 65000}[random.nextInt(7)]);
                client.send(Frames.of(false, Frames.TEXT, new byte[] {'a'}, true));
                MovingServer.Outcomes outcomes = from.outcomes(from.only());
                client.send(Frames.of(true, Frames.PING, new byte[] {'p'}, true));
                client.send(Frames.of(true, Frames.CONTINUATION, text.getBytes(ISO_8859_1), true));
                client.send(Frames.text("behind"));
                to.move(captured(outcomes));
                assertThat(readMessage(client)).isEqualTo((2 * i - 1) + " a" + text);
                assertThat(readMessage(client)).isEqualTo(2 * i + " behind");
                MovingServer other = from;
                from = to;
                to = other;
            }
        }
    }

    static Captured captured(MovingServer.Outcomes outcomes) throws Exception {
        MovingServer.Outcome outcome = outcomes.take();
        while (outcome.what().equals("notNow")) {
            assertThat(outcome.reason()).contains("WebSocketBoundary");
            outcome = outcomes.take();
        }
        if (outcome.captured() == null) {
            throw new AssertionError(outcome);
        }
        return outcome.captured();
    }

    private static String readMessage(RawClient client) throws Exception {
        StringBuilder message = new StringBuilder();
        RawClient.Frame frame;
        do {
            frame = client.read();
            message.append(frame.opcode() == Frames.PONG ? "" : frame.text());
        } while (!frame.isLast() || frame.opcode() == Frames.PONG);
        return message.toString();
    }

    @Test
    void aClientThatSendsFragmentsWithoutPauseMoves() throws Exception {
        try (MovingServer a = server();
                MovingServer b = server();
                RawClient client = new RawClient(a.connect())) {
            client.upgrade("/chat");
            int messages = 2000;
            Thread talker = new Thread(() -> fragments(client, messages));
            talker.start();
            for (int i = 1; i <= messages / 2; i++) {
                assertThat(readMessage(client)).isEqualTo(i + " a" + (i - 1));
            }
            b.move(captured(a.outcomes(a.only())));
            for (int i = messages / 2 + 1; i <= messages; i++) {
                assertThat(readMessage(client)).isEqualTo(i + " a" + (i - 1));
            }
            talker.join(10_000);
        }
    }

    /** Every send ends in the middle of a message. */
    private static void fragments(RawClient client, int messages) {
        try {
            byte[] begin = Frames.of(false, Frames.TEXT, new byte[] {'a'}, true);
            client.send(begin);
            for (int i = 0; i < messages; i++) {
                byte[] end =
                        Frames.of(true, Frames.CONTINUATION, Integer.toString(i).getBytes(ISO_8859_1), true);
                byte[] both = Arrays.copyOf(end, end.length + (i + 1 < messages ? begin.length : 0));
                System.arraycopy(begin, 0, both, end.length, both.length - end.length);
                client.send(both);
            }
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aMessageWithoutAnEndKeepsTheConnectionAndIsTold1012() throws Exception {
        try (MovingServer a = server();
                RawClient client = new RawClient(a.connect())) {
            client.upgrade("/chat");
            client.send(Frames.of(false, Frames.TEXT, new byte[] {'a'}, true));
            assertThat(client.readText()).isEqualTo("1 a");
            TrackedConnection connection = a.only();
            assertThat(a.tryCapture(connection).what()).isEqualTo("notNow");
            connection.farewell();
            RawClient.Frame close = client.read();
            assertThat(close.opcode()).isEqualTo(Frames.CLOSE);
            assertThat(close.closeCode()).isEqualTo(1012);
            client.send(Frames.of(true, Frames.CLOSE, close.payload(), true));
            assertThat(client.readByte()).isEqualTo(-1);
            Eventually.holds("it is gone", a.connections().open()::isEmpty);
        }
    }

    @Test
    void aFragmentedMessageOfTheServerIsNotInterrupted() throws Exception {
        try (MovingServer a = server();
                MovingServer b = server();
                RawClient client = new RawClient(a.connect())) {
            client.upgrade("/chat");
            Channel channel = a.only().channel();
            channel.writeAndFlush(new TextWebSocketFrame(false, 0, "half ")).sync();
            MovingServer.Outcomes outcomes = a.outcomes(a.only());
            assertThat(outcomes.take().what()).isEqualTo("notNow");
            channel.writeAndFlush(
                    new ContinuationWebSocketFrame(true, 0, Unpooled.copiedBuffer("y".repeat(5000), ISO_8859_1)));
            b.move(captured(outcomes));
            assertThat(readMessage(client)).isEqualTo("half " + "y".repeat(5000));
        }
    }

    @Test
    void aConnectionThatIsBeingClosedDoesNotMove() throws Exception {
        try (MovingServer a = server();
                RawClient client = new RawClient(a.connect())) {
            client.upgrade("/chat");
            a.only().channel().writeAndFlush(new CloseWebSocketFrame(1000, "bye"));
            assertThat(client.read().opcode()).isEqualTo(Frames.CLOSE);
            MovingServer.Outcome outcome = a.tryCapture(a.only());
            assertThat(outcome.what()).isEqualTo("notMovable");
            assertThat(outcome.reason()).isEqualTo("the WebSocket is being closed");
        }
    }

    @Test
    void aConnectionThatHasNotSpokenYetMovesAndIsUpgradedThere() throws Exception {
        try (MovingServer a = server();
                MovingServer b = server();
                RawClient client = new RawClient(a.connect())) {
            b.move(a.capture(a.only()));
            client.upgrade("/chat");
            client.send(Frames.text("hello"));
            assertThat(client.readText()).isEqualTo("1 hello");
        }
    }

    @Test
    void halfARequestStays() throws Exception {
        try (MovingServer a = server();
                RawClient client = new RawClient(a.connect())) {
            client.send("GET /chat HT".getBytes(ISO_8859_1));
            TrackedConnection connection = a.only();
            Eventually.holds("it is refused", () -> tryCapture(a, connection).equals("notNow"));
            connection.farewell();
            assertThat(client.readByte()).isEqualTo(-1);
        }
    }

    private static String tryCapture(MovingServer server, TrackedConnection connection) {
        try {
            MovingServer.Outcome outcome = server.tryCapture(connection);
            if (outcome.captured() != null) {
                outcome.captured().resume("test");
            }
            connection.forgetCapture();
            return outcome.what();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aConnectionThatHasSpokenHttpIsLeftToTheBoundaryOfHttp() throws Exception {
        MovingServer.Pipeline mixed = child -> {
            pipeline(child, events);
            String codec = child.pipeline().context(HttpServerCodec.class).name();
            child.pipeline().addAfter(codec, null, new HttpBoundary());
            child.pipeline()
                    .addBefore(child.pipeline().context(CountingEcho.class).name(), null, new Page());
        };
        try (MovingServer a = new MovingServer(MoveOptions.restored(), mixed);
                MovingServer b = new MovingServer(MoveOptions.restored(), mixed);
                RawClient client = new RawClient(a.connect())) {
            client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(ISO_8859_1));
            assertThat(client.readHead()).startsWith("HTTP/1.1 204");
            b.move(captured(a.outcomes(a.only())));
            client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(ISO_8859_1));
            assertThat(client.readHead()).startsWith("HTTP/1.1 204");
            client.upgrade("/chat");
            client.send(Frames.text("x"));
            assertThat(client.readText()).isEqualTo("1 x");
            a.move(captured(b.outcomes(b.only())));
            client.send(Frames.text("y"));
            assertThat(client.readText()).isEqualTo("2 y");
        }
    }

    private static final class Page extends SimpleChannelInboundHandler<FullHttpRequest> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
            ctx.writeAndFlush(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.NO_CONTENT));
        }
    }

    @Test
    void aConnectionThatComesBackGoesOn() throws Exception {
        try (MovingServer a = server();
                RawClient client = new RawClient(a.connect())) {
            client.upgrade("/chat");
            client.send(Frames.text("x"));
            assertThat(client.readText()).isEqualTo("1 x");
            a.capture(a.only()).resume("test");
            client.send(Frames.text("y"));
            assertThat(client.readText()).isEqualTo("2 y");
        }
    }

    @Test
    void otherTermsInTheNewVersionAreRejected() throws Exception {
        try (MovingServer a = server();
                MovingServer b = new MovingServer(MoveOptions.restored(), child -> {
                    pipeline(child, events);
                    child.pipeline().remove(WebSocketDeflate.class);
                });
                RawClient client = new RawClient(a.connect())) {
            client.upgrade("/chat", "Sec-WebSocket-Extensions: permessage-deflate");
            Captured captured = a.capture(a.only());
            assertThat(b.adopt(captured.unit()).rejection()).contains("other extensions were agreed on");
            captured.resume("test");
            client.send(Frames.compressed("still here"));
            assertThat(Frames.inflate(client.read().payload())).isEqualTo("1 still here");
        }
    }

    @Test
    void compressionWithoutContextMoves() throws Exception {
        try (MovingServer a = server();
                MovingServer b = server();
                RawClient client = new RawClient(a.connect())) {
            String answer =
                    client.upgrade("/chat", "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits");
            assertThat(answer).contains("server_no_context_takeover", "client_no_context_takeover");
            client.send(Frames.compressed("z".repeat(1000)));
            assertThat(Frames.inflate(client.read().payload())).isEqualTo("1 " + "z".repeat(1000));
            b.move(a.capture(a.only()));
            client.send(Frames.compressed("z".repeat(1000)));
            assertThat(Frames.inflate(client.read().payload())).isEqualTo("2 " + "z".repeat(1000));
        }
    }

    @Test
    void compressionWithContextStaysAndIsTold1012() throws Exception {
        try (MovingServer a = new MovingServer(MoveOptions.restored(), child -> {
                    pipeline(child, events);
                    child.pipeline().replace(WebSocketDeflate.class, null, new WebSocketServerCompressionHandler(0));
                });
                RawClient client = new RawClient(a.connect())) {
            client.upgrade("/chat", "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits");
            client.send(Frames.compressed("x"));
            assertThat(Frames.inflate(client.read().payload())).isEqualTo("1 x");
            assertThat(a.tryCapture(a.only()).reason()).contains("takes the context of a message over");
            a.only().farewell();
            assertThat(client.read().closeCode()).isEqualTo(1012);
        }
    }

    @Test
    void aKindThatIsNotRestoredRefusesItsWebSockets() throws Exception {
        try (MovingServer a = new MovingServer(MoveOptions.asAccepted(), child -> pipeline(child, events));
                RawClient client = new RawClient(a.connect())) {
            client.upgrade("/chat");
            assertThat(a.tryCapture(a.only()).reason()).contains("declare the kind MoveOptions.restored()");
        }
    }

    @Test
    void whatIsNoFrameIsAnsweredByTheDecoder() throws Exception {
        byte[][] wrong = {
            Frames.of(true, Frames.TEXT, new byte[5], false), // unmasked
            Frames.of(true, 3, new byte[5], true),
            Frames.of(true, Frames.PING, new byte[126], true),
            {(byte) 0x82, (byte) 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4} // 4 GiB
        };
        try (MovingServer a = server()) {
            for (byte[] frame : wrong) {
                try (RawClient client = new RawClient(a.connect())) {
                    client.upgrade("/chat");
                    client.send(frame);
                    assertThat(client.read().closeCode()).isIn(1002, 1009);
                    client.readToEnd();
                }
            }
        }
    }

    private MovingServer server() throws Exception {
        return new MovingServer(MoveOptions.restored().answersOnLoop(), child -> pipeline(child, events));
    }

    static void pipeline(Channel child, List<String> events) {
        child.pipeline()
                .addLast(
                        new WebSocketBoundary(),
                        new HttpServerCodec(),
                        new HttpObjectAggregator(65536),
                        new WebSocketDeflate(1 << 20),
                        new WebSocketServerProtocolHandler("/chat", "talk", true, 65536, false, true),
                        new CountingEcho(events));
    }

    /** Answers every message with its number and itself, fragment by fragment. */
    static final class CountingEcho extends ChannelInboundHandlerAdapter implements MovableHandler {
        private final List<String> events;
        private int messages;

        CountingEcho(List<String> events) {
            this.events = events;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            WebSocketFrame frame = (WebSocketFrame) msg;
            if (frame instanceof ContinuationWebSocketFrame || !(frame instanceof TextWebSocketFrame text)) {
                ctx.writeAndFlush(frame);
            } else {
                ctx.writeAndFlush(new TextWebSocketFrame(text.isFinalFragment(), 0, ++messages + " " + text.text()));
                text.release();
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object evt) {
            events.add(evt.getClass().getSimpleName());
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            events.add(cause.toString());
        }

        @Override
        public int stateVersion() {
            return 1;
        }

        @Override
        public void saveState(ChannelHandlerContext ctx, ByteBuf out) {
            out.writeInt(messages);
        }

        @Override
        public void restoreState(ChannelHandlerContext ctx, int version, ByteBuf in) {
            messages = in.readInt();
        }
    }
}
