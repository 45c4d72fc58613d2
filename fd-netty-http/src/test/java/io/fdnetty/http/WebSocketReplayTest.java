package io.fdnetty.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.internal.capture.Captured;
import io.fdnetty.internal.capture.MovingServer;
import io.fdnetty.internal.connection.TrackedConnection;
import io.fdnetty.move.MoveOptions;
import io.fdnetty.testing.DescriptorLeaks;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** WebSockets of servers that know nothing of moves. */
@ExtendWith(DescriptorLeaks.class)
@Timeout(60)
class WebSocketReplayTest {
    private final List<String> life = new CopyOnWriteArrayList<>();

    @Test
    void theServerSeesAFreshConnectionAndTheClientItsOldOne() throws Exception {
        try (MovingServer a = server(this::unmodified);
                MovingServer b = server(this::unmodified);
                RawClient client = new RawClient(a.connect())) {
            client.upgrade("/chat");
            assertThat(client.readText()).isEqualTo("welcome");
            client.send(Frames.text("one"));
            assertThat(client.readText()).isEqualTo("one");
            byte[] frame = Frames.text("two");
            client.send(Arrays.copyOf(frame, 4));
            TrackedConnection moved = b.move(a.capture(a.only()));
            client.send(Arrays.copyOfRange(frame, 4, frame.length));
            assertThat(client.readText()).isEqualTo("welcome");
            assertThat(client.readText()).isEqualTo("two");
            a.move(b.capture(moved));
            client.send(Frames.text("three"));
            assertThat(client.readText()).isEqualTo("welcome");
            assertThat(client.readText()).isEqualTo("three");
        }
        assertThat(life).containsExactly("active", "open", "active", "open", "active", "open");
    }

    @Test
    void framesWaitForAnAnswerThatTakesItsTime() throws Exception {
        try (MovingServer a = server(this::unmodified);
                MovingServer b = server(child -> {
                    child.pipeline().addLast(new Late());
                    unmodified(child);
                });
                RawClient client = new RawClient(a.connect())) {
            client.upgrade("/chat");
            assertThat(client.readText()).isEqualTo("welcome");
            Captured captured = a.capture(a.only());
            client.send(Frames.text("early"));
            b.move(captured);
            client.send(Frames.text("bird"));
            assertThat(client.readText()).isEqualTo("welcome");
            assertThat(client.readText()).isEqualTo("early");
            assertThat(client.readText()).isEqualTo("bird");
        }
    }

    @Test
    void theAnswerIsSwallowedInWhateverPiecesItIsWritten() throws Exception {
        try (MovingServer a = server(child -> child.pipeline().addLast(new ByHand(1000)));
                MovingServer b = server(child -> child.pipeline().addLast(new ByHand(1)));
                RawClient client = new RawClient(a.connect())) {
            client.upgrade("/chat");
            assertThat(client.readText()).isEqualTo("hi");
            b.move(a.capture(a.only()));
            assertThat(client.readText()).isEqualTo("hi");
        }
    }

    @Test
    void anotherAnswerClosesTheConnection() throws Exception {
        closed(child -> child.pipeline().addLast(new SimpleChannelInboundHandler<ByteBuf>() {
            @Override
            protected void channelRead0(ChannelHandlerContext ctx, ByteBuf msg) {
                ctx.writeAndFlush(Unpooled.copiedBuffer("HTTP/1.1 404 Not Found\r\n\r\n", US_ASCII));
            }
        }));
    }

    @Test
    void aServerThatClosesInsteadOfAnsweringClosesTheConnection() throws Exception {
        closed(child -> child.pipeline().addLast(new SimpleChannelInboundHandler<ByteBuf>() {
            @Override
            protected void channelRead0(ChannelHandlerContext ctx, ByteBuf msg) {
                ctx.close();
            }
        }));
    }

    @Test
    void noAnswerClosesTheConnection() throws Exception {
        closed(child -> child.pipeline().addLast(new SimpleChannelInboundHandler<ByteBuf>() {
            @Override
            protected void channelRead0(ChannelHandlerContext ctx, ByteBuf msg) {}
        }));
    }

    private void closed(MovingServer.Pipeline successor) throws Exception {
        try (MovingServer a = server(this::unmodified);
                MovingServer b = server(successor);
                RawClient client = new RawClient(a.connect())) {
            client.upgrade("/chat");
            assertThat(client.readText()).isEqualTo("welcome");
            Captured captured = a.capture(a.only());
            b.adopt(captured.unit()).start();
            captured.release();
            RawClient.Frame close = client.read();
            assertThat(close.opcode()).isEqualTo(Frames.CLOSE);
            assertThat(close.closeCode()).isEqualTo(1011);
            assertThat(client.readByte()).isEqualTo(-1);
        }
    }

    @Test
    void aConnectionThatStaysIsNotReplayed() throws Exception {
        try (MovingServer a = server(this::unmodified);
                RawClient client = new RawClient(a.connect())) {
            client.upgrade("/chat");
            assertThat(client.readText()).isEqualTo("welcome");
            a.capture(a.only()).resume("test");
            client.send(Frames.text("back"));
            assertThat(client.readText()).isEqualTo("back");
        }
    }

    private static MovingServer server(MovingServer.Pipeline pipeline) throws Exception {
        MoveOptions options = MoveOptions.restored().inFront(() -> new WebSocketReplay(65536, 500));
        return new MovingServer(options, pipeline);
    }

    private void unmodified(Channel child) {
        child.pipeline()
                .addLast(
                        new HttpServerCodec(),
                        new HttpObjectAggregator(65536),
                        new WebSocketServerProtocolHandler("/chat"),
                        new Application(life));
    }

    private static final class Application extends SimpleChannelInboundHandler<TextWebSocketFrame> {
        private final List<String> life;

        Application(List<String> life) {
            this.life = life;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            life.add("active");
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object evt) {
            if (evt instanceof WebSocketServerProtocolHandler.HandshakeComplete) {
                life.add("open");
                ctx.writeAndFlush(new TextWebSocketFrame("welcome"));
            }
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, TextWebSocketFrame frame) {
            ctx.writeAndFlush(frame.retain());
        }
    }

    /** Passes on the first read, the handshake, a little later. */
    private static final class Late extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ctx.executor().schedule(() -> answer(ctx, msg), 100, MILLISECONDS);
        }

        private void answer(ChannelHandlerContext ctx, Object msg) {
            ctx.fireChannelRead(msg);
            ctx.fireChannelReadComplete();
            ctx.pipeline().remove(this);
        }
    }

    /** A server without a codec: answers, and writes a frame, in pieces of some bytes. */
    private static final class ByHand extends ChannelInboundHandlerAdapter {
        private static final byte[] ANSWER = String.join(
                        "\r\n",
                        "HTTP/1.1 101 Fine",
                        "Upgrade: websocket",
                        "Connection: Upgrade",
                        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
                        "",
                        "")
                .getBytes(US_ASCII);

        private final int piece;

        ByHand(int piece) {
            this.piece = piece;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            String request = ((ByteBuf) msg).toString(ISO_8859_1);
            ((ByteBuf) msg).release();
            assertThat(request).startsWith("GET /chat HTTP/1.1").endsWith("\r\n\r\n");
            byte[] frame = Frames.of(true, Frames.TEXT, new byte[] {'h', 'i'}, false);
            byte[] all = Arrays.copyOf(ANSWER, ANSWER.length + frame.length);
            System.arraycopy(frame, 0, all, ANSWER.length, frame.length);
            for (int i = 0; i < all.length; i += piece) {
                int end = Math.min(all.length, i + piece);
                ctx.write(Unpooled.wrappedBuffer(Arrays.copyOfRange(all, i, end)));
            }
            ctx.flush();
        }
    }
}
