package io.fdnetty.internal.capture;

import static io.fdnetty.internal.capture.AnyByteTest.ascii;
import static io.fdnetty.internal.capture.Clients.send;
import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.internal.connection.TrackedConnection;
import io.fdnetty.move.MoveOptions;
import io.fdnetty.testing.DescriptorLeaks;
import io.fdnetty.testing.Eventually;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.compression.JdkZlibDecoder;
import io.netty.handler.codec.compression.JdkZlibEncoder;
import io.netty.handler.codec.compression.SnappyFrameDecoder;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketServerExtension;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.socksx.SocksPortUnificationServerHandler;
import io.netty.handler.codec.socksx.v5.Socks5InitialRequestDecoder;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdyVersion;
import io.netty.handler.codec.xml.XmlDecoder;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.handler.ssl.SniHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.stream.ChunkedStream;
import io.netty.handler.stream.ChunkedWriteHandler;
import io.netty.handler.traffic.ChannelTrafficShapingHandler;
import java.io.ByteArrayInputStream;
import java.net.Socket;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Handlers that keep what cannot be taken out of them: for ever, or as long as they keep it. */
@ExtendWith(DescriptorLeaks.class)
@Timeout(60)
class StayingTest {
    record Case(String name, Supplier<ChannelHandler> handler) {
        @Override
        public String toString() {
            return name;
        }
    }

    static final List<Case> CASES = List.of(
            new Case("SslHandler", StayingTest::ssl),
            new Case("SniHandler", () -> new SniHandler(name -> clientContext())),
            new Case("Http2FrameCodec", () -> Http2FrameCodecBuilder.forServer().build()),
            new Case("JdkZlibDecoder", () -> new JdkZlibDecoder(1 << 20)),
            new Case("JdkZlibEncoder", JdkZlibEncoder::new),
            new Case("SnappyFrameDecoder", SnappyFrameDecoder::new),
            new Case("SpdyFrameCodec", () -> new SpdyFrameCodec(SpdyVersion.SPDY_3_1)),
            new Case("XmlDecoder", XmlDecoder::new));

    @ParameterizedTest
    @FieldSource("CASES")
    void stays(Case each) throws Exception {
        try (MovingServer a = new MovingServer(
                        child -> child.pipeline().addLast(each.handler().get(), new Silent()));
                Socket client = a.connect()) {
            MovingServer.Outcome outcome = a.tryCapture(a.only());
            assertThat(outcome.what()).isEqualTo("notMovable");
            assertThat(outcome.reason()).contains(each.name());
            assertThat(client.isConnected()).isTrue();
        }
    }

    private static ChannelHandler ssl() {
        try {
            return new SslHandler(SSLContext.getDefault().createSSLEngine());
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static SslContext clientContext() {
        try {
            return SslContextBuilder.forClient().build();
        } catch (SSLException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aChunkedStreamInProgressIsAwaited() throws Exception {
        ChannelHandler streaming = new ChannelInboundHandlerAdapter() {
            @Override
            public void channelActive(ChannelHandlerContext ctx) {
                ctx.writeAndFlush(new ChunkedStream(new ByteArrayInputStream(new byte[16 << 20])));
            }
        };
        try (MovingServer a =
                        new MovingServer(child -> child.pipeline().addLast(new ChunkedWriteHandler(), streaming));
                Socket client = a.connect(8 << 10)) {
            TrackedConnection connection = a.only();
            waitForWrites(connection.channel());
            MovingServer.Outcomes outcomes = a.outcomes(connection);
            assertThat(outcomes.take().reason())
                    .isEqualTo("ChunkedWriteHandler is in the middle of a message (queue is size 1)");
            assertThat(Clients.readBytes(client, 16 << 20)).hasSize(16 << 20);
            MovingServer.Outcome outcome = outcomes.take();
            while (outcome.what().equals("notNow")) {
                outcome = outcomes.take();
            }
            outcome.captured().resume("test");
        }
    }

    @Test
    void messagesThatNobodyHasReadAreAwaited() throws Exception {
        MovingServer.Pipeline pipeline = child -> {
            child.config().setAutoRead(false);
            child.pipeline()
                    .addLast(new LengthFieldBasedFrameDecoder(100, 0, 4, 0, 4), new FlowControlHandler(), new Echo());
        };
        try (MovingServer a = new MovingServer(pipeline);
                Socket client = a.connect()) {
            Channel channel = a.only().channel();
            send(client, ascii("\0\0\0\1a\0\0\0\1b"));
            channel.eventLoop().submit(() -> channel.pipeline().read()).sync();
            assertThat(Clients.read(client, 1)).isEqualTo("a");
            MovingServer.Outcomes outcomes = a.outcomes(a.only());
            assertThat(outcomes.take().reason())
                    .isEqualTo("FlowControlHandler is in the middle of a message (queue is size 1)");
            a.only().forgetCapture();
            channel.eventLoop().submit(() -> channel.pipeline().read()).sync();
            assertThat(Clients.read(client, 1)).isEqualTo("b");
        }
    }

    @Test
    void writesThatAreBeingSlowedDownAreAwaited() throws Exception {
        try (MovingServer a = new MovingServer(
                        child -> child.pipeline().addLast(new ChannelTrafficShapingHandler(100, 0, 100), new Echo()));
                Socket client = a.connect()) {
            send(client, new byte[50]);
            assertThat(Clients.readBytes(client, 50)).hasSize(50);
            send(client, new byte[50]);
            waitForQueue(a.only().channel());
            assertThat(a.tryCapture(a.only()).reason())
                    .isEqualTo("ChannelTrafficShapingHandler is in the middle of a message (messagesQueue is size 1)");
        }
    }

    @Test
    void aWebSocketWithTheContextsOfEarlierMessagesStaysFromItsFirstMessageOn() throws Exception {
        WebSocketServerExtension deflate = BetweenMessagesTest.deflate(false);
        byte[] message = AnyByteTest.encode(
                List.of(new TextWebSocketFrame("hello")),
                new WebSocket13FrameEncoder(true),
                deflate.newExtensionEncoder());
        try (Splits splits = new Splits(
                MoveOptions.asAccepted(),
                () -> List.of(new WebSocket13FrameDecoder(true, true, 1000), deflate.newExtensionDecoder()),
                Splits::text)) {
            assertThat(splits.at(message.length, message)).isEqualTo("hello");
            assertThat(splits.reasons())
                    .containsEntry(
                            message.length, "PerMessageDeflateDecoder is in the middle of a message (decoder is set)");
        }
    }

    @Test
    void whatTellsSocksVersionsApartMovesUntilItHas() throws Exception {
        MovingServer.Pipeline pipeline = child -> child.pipeline().addLast(new SocksPortUnificationServerHandler());
        try (MovingServer a = new MovingServer(pipeline);
                MovingServer b = new MovingServer(pipeline);
                Socket client = a.connect()) {
            TrackedConnection moved = b.move(a.capture(a.only()));
            send(client, ascii("\5"));
            Eventually.holds(
                    "version 5", () -> moved.channel().pipeline().get(Socks5InitialRequestDecoder.class) != null);
        }
    }

    private static void waitForWrites(Channel channel) {
        Eventually.holds("it writes", () -> !channel.isWritable());
    }

    private static void waitForQueue(Channel channel) {
        Eventually.holds("it waits", () -> queueSize(channel) > 0);
    }

    private static long queueSize(Channel channel) {
        return channel.eventLoop()
                .submit(() -> channel.pipeline()
                        .get(ChannelTrafficShapingHandler.class)
                        .queueSize())
                .syncUninterruptibly()
                .getNow();
    }

    /** Reads and answers nothing. */
    private static final class Silent extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            assertThat(message).isInstanceOf(ByteBuf.class).isNotSameAs(Unpooled.EMPTY_BUFFER);
            ((ByteBuf) message).release();
        }
    }
}
