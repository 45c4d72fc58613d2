package io.fdnetty.internal.capture;

import static io.fdnetty.internal.capture.AnyByteTest.ascii;
import static io.fdnetty.internal.capture.AnyByteTest.encode;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.move.MoveOptions;
import io.fdnetty.testing.DescriptorLeaks;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContentCompressor;
import io.netty.handler.codec.http.HttpContentDecompressor;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerExpectContinueHandler;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.handler.codec.http.HttpServerUpgradeHandler;
import io.netty.handler.codec.http.cors.CorsConfigBuilder;
import io.netty.handler.codec.http.cors.CorsHandler;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.Utf8FrameValidator;
import io.netty.handler.codec.http.websocketx.WebSocket07FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket08FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtensionData;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketServerExtension;
import io.netty.handler.codec.http.websocketx.extensions.compression.PerMessageDeflateServerExtensionHandshaker;
import io.netty.handler.codec.json.JsonObjectDecoder;
import io.netty.handler.codec.memcache.binary.BinaryMemcacheClientCodec;
import io.netty.handler.codec.memcache.binary.BinaryMemcacheObjectAggregator;
import io.netty.handler.codec.memcache.binary.BinaryMemcacheRequestDecoder;
import io.netty.handler.codec.memcache.binary.BinaryMemcacheRequestEncoder;
import io.netty.handler.codec.memcache.binary.BinaryMemcacheResponseDecoder;
import io.netty.handler.codec.memcache.binary.BinaryMemcacheResponseEncoder;
import io.netty.handler.codec.memcache.binary.BinaryMemcacheServerCodec;
import io.netty.handler.codec.memcache.binary.DefaultFullBinaryMemcacheRequest;
import io.netty.handler.codec.memcache.binary.DefaultFullBinaryMemcacheResponse;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.netty.handler.codec.redis.ArrayRedisMessage;
import io.netty.handler.codec.redis.RedisArrayAggregator;
import io.netty.handler.codec.redis.RedisBulkStringAggregator;
import io.netty.handler.codec.redis.RedisDecoder;
import io.netty.handler.codec.rtsp.RtspDecoder;
import io.netty.handler.codec.smtp.SmtpResponseDecoder;
import io.netty.handler.codec.socks.SocksAuthRequestDecoder;
import io.netty.handler.codec.socks.SocksAuthResponseDecoder;
import io.netty.handler.codec.socks.SocksCmdRequestDecoder;
import io.netty.handler.codec.socks.SocksCmdResponseDecoder;
import io.netty.handler.codec.socks.SocksInitRequestDecoder;
import io.netty.handler.codec.socks.SocksInitResponseDecoder;
import io.netty.handler.codec.socksx.v4.Socks4ClientDecoder;
import io.netty.handler.codec.socksx.v4.Socks4ServerDecoder;
import io.netty.handler.codec.socksx.v5.Socks5CommandRequestDecoder;
import io.netty.handler.codec.socksx.v5.Socks5CommandResponseDecoder;
import io.netty.handler.codec.socksx.v5.Socks5InitialRequestDecoder;
import io.netty.handler.codec.socksx.v5.Socks5InitialResponseDecoder;
import io.netty.handler.codec.socksx.v5.Socks5PasswordAuthRequestDecoder;
import io.netty.handler.codec.socksx.v5.Socks5PasswordAuthResponseDecoder;
import io.netty.handler.codec.socksx.v5.Socks5PrivateAuthRequestDecoder;
import io.netty.handler.codec.socksx.v5.Socks5PrivateAuthResponseDecoder;
import io.netty.handler.codec.stomp.StompSubframeAggregator;
import io.netty.handler.codec.stomp.StompSubframeDecoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * Connections with these handlers move between two messages; after any other byte they move and lose nothing, or say
 * that they are in the middle of one.
 */
@ExtendWith(DescriptorLeaks.class)
@Timeout(120)
@SuppressWarnings({"deprecation", "varargs", "UnicodeEscape", "ArrayRecordComponent"}) // it is in Netty, and in servers
class BetweenMessagesTest {
    /** @param input whole messages */
    record Case(
            String name, Supplier<List<ChannelHandler>> handlers, List<byte[]> input, Function<Object, String> words) {
        @Override
        public String toString() {
            return name;
        }

        byte[] all() {
            return input.stream()
                    .map(Unpooled::wrappedBuffer)
                    .collect(Collectors.collectingAndThen(Collectors.toList(), BetweenMessagesTest::join));
        }

        List<Integer> boundaries() {
            List<Integer> ends = new ArrayList<>(List.of(0));
            for (byte[] message : input.subList(0, input.size() - 1)) {
                ends.add(ends.get(ends.size() - 1) + message.length);
            }
            return ends;
        }
    }

    private static byte[] join(List<ByteBuf> parts) {
        return ByteBufUtil.getBytes(Unpooled.wrappedBuffer(parts.toArray(new ByteBuf[0])));
    }

    static final List<Case> CASES = Stream.of(
                    mqttAndRedis(), memcache(), texts(), socks4(), socks5(), webSocket(), http())
            .flatMap(List::stream)
            .toList();

    @ParameterizedTest
    @FieldSource("CASES")
    void moves(Case each) throws Exception {
        byte[] all = each.all();
        try (Splits splits = new Splits(MoveOptions.asAccepted(), each.handlers(), each.words())) {
            String expected = splits.withoutAMove(all);
            assertThat(expected).isNotEmpty().doesNotContain("Exception");
            for (int split = 0; split < all.length; split++) {
                assertThat(splits.at(split, all)).as("after byte %d", split).isEqualTo(expected);
            }
            assertThat(splits.moved()).containsAll(each.boundaries());
            assertThat(splits.reasons()).isNotEmpty();
            assertThat(splits.reasons().values())
                    .allMatch(reason -> reason.contains("is in the middle of a message ("));
        }
    }

    private static List<Case> mqttAndRedis() {
        List<byte[]> packets = Stream.of(connect(), publish("one"), publish("two"), MqttMessage.PINGREQ)
                .map(packet -> encode(List.of(packet), MqttEncoder.INSTANCE))
                .toList();
        List<byte[]> commands = List.of(
                ascii("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nva\r\nl\r\n"),
                ascii("*0\r\n"),
                ascii("*2\r\n$3\r\nGET\r\n$0\r\n\r\n"));
        return List.of(
                made("MqttDecoder", packets, BetweenMessagesTest::typeOf, MqttDecoder::new),
                of(
                        "RedisDecoder",
                        List.of(ascii("$5\r\nvalue\r\n"), ascii(":12\r\n"), ascii("+OK\r\n")),
                        RedisDecoder::new),
                made(
                        "RedisArrayAggregator",
                        commands,
                        BetweenMessagesTest::commandOf,
                        () -> new RedisDecoder(),
                        () -> new RedisBulkStringAggregator(),
                        () -> new RedisArrayAggregator(100, 10)));
    }

    private static MqttMessage connect() {
        return MqttMessageBuilders.connect()
                .clientId("client")
                .protocolVersion(MqttVersion.MQTT_3_1_1)
                .build();
    }

    private static MqttMessage publish(String text) {
        return MqttMessageBuilders.publish()
                .topicName("t")
                .qos(MqttQoS.AT_MOST_ONCE)
                .payload(Unpooled.copiedBuffer(text, UTF_8))
                .build();
    }

    private static String typeOf(Object message) {
        MqttMessage packet = (MqttMessage) message;
        String payload = packet.payload() instanceof ByteBuf bytes ? bytes.toString(UTF_8) : "";
        return packet.fixedHeader().messageType()
                + payload
                + packet.decoderResult().isSuccess()
                + ' ';
    }

    private static String commandOf(Object message) {
        return ((ArrayRedisMessage) message)
                .children().stream().map(Splits::text).collect(Collectors.joining(" ", "[", "]"));
    }

    private static List<Case> memcache() {
        List<byte[]> requests = Stream.of("one", "two")
                .map(value -> encode(
                        List.of(new DefaultFullBinaryMemcacheRequest(
                                key(), Unpooled.copiedBuffer("ex", UTF_8), Unpooled.copiedBuffer(value, UTF_8))),
                        new BinaryMemcacheRequestEncoder()))
                .toList();
        List<byte[]> responses = Stream.of("one", "two")
                .map(value -> encode(
                        List.of(new DefaultFullBinaryMemcacheResponse(
                                key(), Unpooled.copiedBuffer("ex", UTF_8), Unpooled.copiedBuffer(value, UTF_8))),
                        new BinaryMemcacheResponseEncoder()))
                .toList();
        return List.of(
                of("BinaryMemcacheRequestDecoder", requests, BinaryMemcacheRequestDecoder::new),
                of("BinaryMemcacheResponseDecoder", responses, BinaryMemcacheResponseDecoder::new),
                of("BinaryMemcacheServerCodec", requests, BinaryMemcacheServerCodec::new),
                of("BinaryMemcacheClientCodec", responses, () -> new BinaryMemcacheClientCodec()),
                made(
                        "BinaryMemcacheObjectAggregator",
                        requests,
                        Splits::text,
                        BinaryMemcacheServerCodec::new,
                        () -> new BinaryMemcacheObjectAggregator(1000)));
    }

    private static ByteBuf key() {
        return Unpooled.copiedBuffer("key", UTF_8);
    }

    private static List<Case> texts() {
        List<byte[]> stomp = List.of(
                ascii("SEND\ndestination:/a\n\nhello\0"),
                ascii("\nSEND\ncontent-length:3\n\na\0b\0"),
                ascii("DISCONNECT\n\n\0"));
        return List.of(
                of("StompSubframeDecoder", stomp, StompSubframeDecoder::new),
                made(
                        "StompSubframeAggregator",
                        stomp,
                        Splits::text,
                        StompSubframeDecoder::new,
                        () -> new StompSubframeAggregator(1000)),
                of(
                        "SmtpResponseDecoder",
                        List.of(ascii("250-a\r\n250-b\r\n250 c\r\n"), ascii("220 d\r\n")),
                        () -> new SmtpResponseDecoder(100)),
                of(
                        "JsonObjectDecoder, elements of arrays",
                        List.of(ascii("[{\"a\":1},{\"b\":2}]"), ascii(" {\"c\":3}")),
                        () -> new JsonObjectDecoder(true)));
    }

    /** Nothing follows the one message for which they are there. */
    private static List<Case> socks4() {
        List<byte[]> request = List.of(ascii("\u0004\u0001\0\u0050\1\2\3\4user\0"));
        return List.of(
                of("Socks4ServerDecoder", request, Socks4ServerDecoder::new),
                of("Socks4ClientDecoder", List.of(ascii("\0\u005a\0\u0050\1\2\3\4x")), Socks4ClientDecoder::new),
                of("SocksAuthRequestDecoder", List.of(ascii("\1\4user\4pass")), SocksAuthRequestDecoder::new),
                of("SocksCmdRequestDecoder", List.of(ascii("\5\1\0\1\1\2\3\4\0\u0050")), SocksCmdRequestDecoder::new),
                of("SocksCmdResponseDecoder", List.of(ascii("\5\0\0\1\1\2\3\4\0\u0050")), SocksCmdResponseDecoder::new),
                of("SocksInitRequestDecoder", List.of(ascii("\5\1\0")), SocksInitRequestDecoder::new),
                of("SocksInitResponseDecoder", List.of(ascii("\5\0")), SocksInitResponseDecoder::new),
                of("SocksAuthResponseDecoder", List.of(ascii("\1\0")), SocksAuthResponseDecoder::new));
    }

    /** They pass on what follows their message, so it shows that they know of it. */
    private static List<Case> socks5() {
        return List.of(
                once("Socks5InitialRequestDecoder", "\5\1\0", Socks5InitialRequestDecoder::new),
                once("Socks5InitialResponseDecoder", "\5\0", Socks5InitialResponseDecoder::new),
                once("Socks5CommandRequestDecoder", "\5\1\0\1\1\2\3\4\0\u0050", Socks5CommandRequestDecoder::new),
                once("Socks5CommandResponseDecoder", "\5\0\0\1\1\2\3\4\0\u0050", Socks5CommandResponseDecoder::new),
                once("Socks5PasswordAuthRequestDecoder", "\1\4user\4pass", Socks5PasswordAuthRequestDecoder::new),
                once("Socks5PasswordAuthResponseDecoder", "\1\0", Socks5PasswordAuthResponseDecoder::new),
                once("Socks5PrivateAuthRequestDecoder", "\1\3tok", Socks5PrivateAuthRequestDecoder::new),
                once("Socks5PrivateAuthResponseDecoder", "\1\0", Socks5PrivateAuthResponseDecoder::new));
    }

    private static Case once(String name, String message, Supplier<ChannelHandler> decoder) {
        return of(name, List.of(ascii(message + "and what follows")), decoder);
    }

    private static List<Case> webSocket() {
        byte[] fragmented = encode(
                List.of(
                        new TextWebSocketFrame(false, 0, Unpooled.copiedBuffer("he", UTF_8)),
                        new ContinuationWebSocketFrame(true, 0, Unpooled.copiedBuffer("llo", UTF_8))),
                new WebSocket13FrameEncoder(true));
        List<byte[]> frames =
                List.of(fragmented, encode(List.of(new TextWebSocketFrame("x")), new WebSocket13FrameEncoder(true)));
        return List.of(
                of("WebSocket13FrameDecoder", frames, () -> new WebSocket13FrameDecoder(true, false, 1000)),
                of("WebSocket08FrameDecoder", frames, () -> new WebSocket08FrameDecoder(true, false, 1000)),
                of("WebSocket07FrameDecoder", frames, () -> new WebSocket07FrameDecoder(true, false, 1000)),
                made(
                        "Utf8FrameValidator, WebSocketFrameAggregator",
                        frames,
                        Splits::text,
                        () -> new WebSocket13FrameDecoder(true, false, 1000),
                        () -> new Utf8FrameValidator(),
                        () -> new WebSocketFrameAggregator(1000)),
                made(
                        "PerMessageDeflateDecoder",
                        compressed(),
                        Splits::text,
                        () -> new WebSocket13FrameDecoder(true, true, 1000),
                        () -> deflate(true).newExtensionDecoder()));
    }

    private static List<byte[]> compressed() {
        return Stream.of("hello hello hello", "hello once more")
                .map(text -> encode(
                        List.of(new TextWebSocketFrame(text)),
                        new WebSocket13FrameEncoder(true),
                        deflate(true).newExtensionEncoder()))
                .toList();
    }

    /** With the contexts of one message only, or with those of all before it. */
    static WebSocketServerExtension deflate(boolean noContext) {
        Map<String, String> parameters =
                noContext ? Map.of("client_no_context_takeover", "", "server_no_context_takeover", "") : Map.of();
        return new PerMessageDeflateServerExtensionHandshaker(6, false, 15, true, true, 1 << 20)
                .handshakeExtension(new WebSocketExtensionData("permessage-deflate", parameters));
    }

    private static List<Case> http() {
        List<byte[]> requests = List.of(
                ascii("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"),
                ascii("\r\nPOST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ndef\r\n0\r\n\r\n"),
                ascii("GET /c HTTP/1.1\r\n\r\n"));
        List<byte[]> responses = List.of(
                ascii("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"),
                ascii("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ndef\r\n0\r\n\r\n"));
        List<byte[]> rtsp =
                List.of(ascii("OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n"), ascii("OPTIONS * RTSP/1.0\r\nCSeq: 2\r\n\r\n"));
        return List.of(
                made("RtspDecoder", rtsp, HttpSteps::words, RtspDecoder::new),
                made("HttpClientCodec", responses, HttpSteps::words, HttpClientCodec::new),
                new Case("HttpServerUpgradeHandler", BetweenMessagesTest::upgradable, requests, HttpSteps::words),
                made("HttpRequestDecoder", requests, HttpSteps::words, HttpRequestDecoder::new),
                made("HttpResponseDecoder", responses, HttpSteps::words, HttpResponseDecoder::new),
                answered("HttpServerCodec", requests, HttpServerCodec::new),
                answered("HttpObjectAggregator", requests, HttpServerCodec::new, () -> new HttpObjectAggregator(1000)),
                answered("HttpContentDecompressor", requests, HttpServerCodec::new, HttpContentDecompressor::new),
                answered(
                        "HttpContentCompressor",
                        requests,
                        HttpServerCodec::new,
                        () -> new HttpContentCompressor(),
                        () -> new HttpObjectAggregator(1000)),
                answered(
                        "HttpServerKeepAliveHandler, HttpServerExpectContinueHandler",
                        requests,
                        HttpServerCodec::new,
                        HttpServerKeepAliveHandler::new,
                        HttpServerExpectContinueHandler::new),
                answered(
                        "CorsHandler",
                        requests,
                        HttpServerCodec::new,
                        () -> new CorsHandler(CorsConfigBuilder.forAnyOrigin().build())));
    }

    private static List<ChannelHandler> upgradable() {
        HttpServerCodec codec = new HttpServerCodec();
        return List.of(codec, new HttpServerUpgradeHandler(codec, protocol -> null, 1000), new HttpSteps.Answer());
    }

    @SafeVarargs
    private static Case answered(String name, List<byte[]> input, Supplier<ChannelHandler>... handlers) {
        List<Supplier<ChannelHandler>> all = new ArrayList<>(List.of(handlers));
        all.add(HttpSteps.Answer::new);
        return new Case(name, () -> all.stream().map(Supplier::get).toList(), input, HttpSteps::words);
    }

    @SafeVarargs
    private static Case of(String name, List<byte[]> input, Supplier<ChannelHandler>... handlers) {
        return made(name, input, Splits::text, handlers);
    }

    @SafeVarargs
    private static Case made(
            String name, List<byte[]> input, Function<Object, String> words, Supplier<ChannelHandler>... handlers) {
        return new Case(name, () -> Stream.of(handlers).map(Supplier::get).toList(), input, words);
    }
}
