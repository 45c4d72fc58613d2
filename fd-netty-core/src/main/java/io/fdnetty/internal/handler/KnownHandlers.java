package io.fdnetty.internal.handler;

import static io.fdnetty.internal.handler.Verdict.ANY_BYTE;
import static io.fdnetty.internal.handler.Verdict.BETWEEN_MESSAGES;
import static io.fdnetty.internal.handler.Verdict.PLAIN;
import static io.fdnetty.internal.handler.Verdict.STAYS;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The verdicts on the handlers of Netty's own modules, each from its source (4.2.18). Classes are named, since their
 * jars may be absent.
 *
 * <p>A check names a private field, and the values that it has where a fresh handler could go on: {@code state=A|B}.
 * Subclasses inherit the checks.
 */
public final class KnownHandlers {
    private static final String CODEC = "io.netty.handler.codec.";
    private static final String HTTP = CODEC + "http.";
    private static final String WEBSOCKET = HTTP + "websocketx.";
    private static final String DEFLATE = WEBSOCKET + "extensions.compression.";
    private static final String MEMCACHE = CODEC + "memcache.";
    private static final String SOCKS = CODEC + "socks.";
    private static final String SOCKS4 = CODEC + "socksx.v4.";
    private static final String SOCKS5 = CODEC + "socksx.v5.";
    private static final String HANDLER = "io.netty.handler.";

    /** The package of TLS, which is not moved yet. */
    public static final String TLS = HANDLER + "ssl.";

    private static final Map<String, Known> BY_CLASS = new HashMap<>();
    private static final Map<String, Known> BY_PACKAGE = new HashMap<>();

    /**
     * What is known of one class.
     *
     * @param checks what a handler of this very class adds to what its superclasses check
     */
    public record Known(Verdict verdict, List<FieldCheck> checks) {}

    static {
        frames();
        messages();
        http();
        webSocket();
        protocols();
        socks();
        handlers();
        ours();
        wholePackages();
    }

    private KnownHandlers() {}

    /** The verdict on the class of this name; null if there is none. */
    static @Nullable Known of(String className) {
        Known known = BY_CLASS.get(className);
        if (known != null) {
            return known;
        }
        return BY_PACKAGE.entrySet().stream()
                .filter(entry -> className.startsWith(entry.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(null);
    }

    /** All classes with a verdict of their own. */
    public static Map<String, Known> classes() {
        return Map.copyOf(BY_CLASS);
    }

    /** All packages whose classes have the same verdict; their names end with a dot. */
    public static Map<String, Known> packages() {
        return Map.copyOf(BY_PACKAGE);
    }

    private static void wholePackages() {
        for (String name : List.of(TLS, CODEC + "compression.", CODEC + "http2.", CODEC + "spdy.")) {
            BY_PACKAGE.put(name, new Known(STAYS, List.of()));
        }
    }

    private static void frames() {
        anyByte(CODEC + "FixedLengthFrameDecoder");
        anyByte(CODEC + "LengthFieldBasedFrameDecoder", "discardingTooLongFrame=false");
        anyByte(CODEC + "LineBasedFrameDecoder", "discarding=false");
        anyByte(
                CODEC + "DelimiterBasedFrameDecoder",
                "discardingTooLongFrame=false",
                "lineBasedDecoder.discarding=false|null");
        anyByte(CODEC + "json.JsonObjectDecoder", "state=0|1"); // outside, and in an object whose bytes are all there
        anyByte(CODEC + "xml.XmlFrameDecoder");
        stays(CODEC + "xml.XmlDecoder");
        anyByte(CODEC + "protobuf.ProtobufVarint32FrameDecoder", "bytesToDiscard=0");
        anyByte(CODEC + "serialization.ObjectDecoder");
        anyByte(CODEC + "marshalling.MarshallingDecoder");
        anyByte(CODEC + "marshalling.CompatibleMarshallingDecoder", "discardingTooLongFrame=false");
        anyByte(CODEC + "dns.TcpDnsQueryDecoder");
        anyByte(CODEC + "dns.TcpDnsResponseDecoder");
        anyByte(CODEC + "haproxy.HAProxyMessageDecoder", "discarding=false", "finished=false");
        between(CODEC + "smtp.SmtpResponseDecoder", "details=null");
    }

    private static void messages() {
        plain(CODEC, "DatagramPacketDecoder", "DatagramPacketEncoder", "LengthFieldPrepender");
        plain(
                CODEC,
                "base64.Base64Decoder",
                "base64.Base64Encoder",
                "bytes.ByteArrayDecoder",
                "bytes.ByteArrayEncoder");
        plain(CODEC, "string.StringDecoder", "string.StringEncoder", "string.LineEncoder");
        plain(CODEC, "serialization.ObjectEncoder", "serialization.CompatibleObjectEncoder");
        plain(CODEC, "marshalling.MarshallingEncoder", "marshalling.CompatibleMarshallingEncoder");
        plain(CODEC, "protobuf.ProtobufDecoder", "protobuf.ProtobufDecoderNano", "protobuf.ProtobufEncoder");
        plain(CODEC, "protobuf.ProtobufEncoderNano", "protobuf.ProtobufVarint32LengthFieldPrepender");
        plain(CODEC, "dns.DatagramDnsQueryDecoder", "dns.DatagramDnsQueryEncoder", "dns.DatagramDnsResponseDecoder");
        plain(CODEC, "dns.DatagramDnsResponseEncoder", "dns.TcpDnsQueryEncoder", "dns.TcpDnsResponseEncoder");
        plain(CODEC, "haproxy.HAProxyMessageEncoder", "mqtt.MqttEncoder", "redis.RedisEncoder");
        plain(CODEC, "stomp.StompSubframeEncoder", "socks.SocksMessageEncoder");
        plain(CODEC, "socksx.v4.Socks4ClientEncoder", "socksx.v4.Socks4ServerEncoder");
        plain(CODEC, "socksx.v5.Socks5ClientEncoder", "socksx.v5.Socks5ServerEncoder");
        between(
                CODEC + "MessageAggregator",
                "currentMessage=null",
                "aggregating=false",
                "handlingOversizedMessage=false");
    }

    private static void http() {
        between(HTTP + "HttpObjectDecoder", "currentState=SKIP_INITIAL_LINE_CHARS|SKIP_CONTROL_CHARS|READ_INITIAL");
        between(HTTP + "HttpObjectEncoder", "state=0");
        between(HTTP + "HttpRequestDecoder");
        between(HTTP + "HttpResponseDecoder");
        between(HTTP + "HttpRequestEncoder");
        between(HTTP + "HttpResponseEncoder");
        between(
                HTTP + "HttpServerCodec",
                "methodQueueSize=0",
                "methodOverflowQueue=null|size 0",
                "mustCloseAfterResponse=false");
        between(HTTP + "HttpClientCodec", "queue=size 0", "done=false", "requestResponseCounter=0");
        between(HTTP + "HttpServerCodec$HttpServerRequestDecoder", "discard=false");
        between(HTTP + "HttpServerCodec$HttpServerResponseEncoder");
        between(HTTP + "HttpClientCodec$Decoder");
        between(HTTP + "HttpClientCodec$Encoder", "upgraded=false");
        between(HTTP + "HttpObjectAggregator");
        between(HTTP + "HttpServerUpgradeHandler", "handlingUpgrade=false");
        between(HTTP + "HttpClientUpgradeHandler", "currentUpgradeEvent=null");
        between(HTTP + "HttpContentEncoder", "acceptEncodingQueue=size 0", "encoder=null", "state=AWAIT_HEADERS");
        between(HTTP + "HttpContentDecoder", "decoder=null", "continueResponse=false");
        between(HTTP + "HttpContentCompressor");
        between(HTTP + "HttpContentDecompressor");
        between(HTTP + "HttpServerKeepAliveHandler", "pendingResponses=0", "persistentConnection=true");
        between(HTTP + "cors.CorsHandler", "consumeContent=false");
        plain(HTTP, "HttpServerExpectContinueHandler");
        between(CODEC + "rtsp.RtspDecoder");
        between(CODEC + "rtsp.RtspEncoder");
    }

    private static void webSocket() {
        for (String version : List.of("07", "08", "13")) {
            between(WEBSOCKET + "WebSocket" + version + "FrameDecoder");
            plain(WEBSOCKET, "WebSocket" + version + "FrameEncoder");
        }
        between(
                WEBSOCKET + "WebSocket08FrameDecoder",
                "state=READING_FIRST",
                "fragmentedFramesCount=0",
                "receivedClosingHandshake=false");
        anyByte(WEBSOCKET + "WebSocket00FrameDecoder", "receivedClosingHandshake=false");
        plain(WEBSOCKET, "WebSocket00FrameEncoder", "WebSocketServerProtocolHandshakeHandler");
        between(WEBSOCKET + "WebSocketClientProtocolHandshakeHandler", "handshakePromise=null");
        between(WEBSOCKET + "Utf8FrameValidator", "fragmentedFramesCount=0");
        between(WEBSOCKET + "WebSocketFrameAggregator");
        between(WEBSOCKET + "WebSocketProtocolHandler", "closeSent=null");
        between(WEBSOCKET + "WebSocketServerProtocolHandler");
        between(WEBSOCKET + "WebSocketClientProtocolHandler");
        between(WEBSOCKET + "extensions.WebSocketServerExtensionHandler", "validExtensions=size 0");
        plain(WEBSOCKET, "extensions.WebSocketClientExtensionHandler");
        between(DEFLATE + "WebSocketServerCompressionHandler");
        plain(DEFLATE, "WebSocketClientCompressionHandler");
        between(DEFLATE + "DeflateDecoder", "decoder=null");
        between(DEFLATE + "DeflateEncoder", "encoder=null");
        between(DEFLATE + "PerMessageDeflateDecoder", "compressing=false");
        between(DEFLATE + "PerMessageDeflateEncoder", "compressing=false");
        between(DEFLATE + "PerFrameDeflateDecoder");
        between(DEFLATE + "PerFrameDeflateEncoder");
    }

    private static void protocols() {
        between(CODEC + "mqtt.MqttDecoder", "state=READ_FIXED_HEADER");
        between(CODEC + "redis.RedisDecoder", "state=DECODE_TYPE");
        between(CODEC + "redis.RedisArrayAggregator", "depths=size 0");
        between(CODEC + "redis.RedisBulkStringAggregator");
        between(CODEC + "stomp.StompSubframeDecoder", "state=SKIP_CONTROL_CHARACTERS|READ_HEADERS");
        between(CODEC + "stomp.StompSubframeAggregator");
        between(CODEC + "smtp.SmtpRequestEncoder", "contentExpected=false");
        between(MEMCACHE + "binary.AbstractBinaryMemcacheDecoder", "state=READ_HEADER");
        between(MEMCACHE + "binary.BinaryMemcacheRequestDecoder");
        between(MEMCACHE + "binary.BinaryMemcacheResponseDecoder");
        between(MEMCACHE + "AbstractMemcacheObjectEncoder", "expectingMoreContent=false");
        between(MEMCACHE + "binary.BinaryMemcacheRequestEncoder");
        between(MEMCACHE + "binary.BinaryMemcacheResponseEncoder");
        between(MEMCACHE + "binary.BinaryMemcacheServerCodec");
        between(MEMCACHE + "binary.BinaryMemcacheClientCodec", "requestResponseCounter=0");
        between(MEMCACHE + "binary.BinaryMemcacheClientCodec$Decoder");
        between(MEMCACHE + "binary.BinaryMemcacheClientCodec$Encoder");
        between(MEMCACHE + "binary.BinaryMemcacheObjectAggregator");
    }

    /** All of these are to be removed once they have decoded their message, and pass on what follows. */
    private static void socks() {
        for (String message : List.of("Init", "Auth", "Cmd")) {
            between(SOCKS + "Socks" + message + "RequestDecoder", "state=CHECK_PROTOCOL_VERSION");
            between(SOCKS + "Socks" + message + "ResponseDecoder", "state=CHECK_PROTOCOL_VERSION");
        }
        between(SOCKS4 + "Socks4ClientDecoder", "state=START");
        between(SOCKS4 + "Socks4ServerDecoder", "state=START");
        for (String message : List.of("Initial", "Command", "PasswordAuth")) {
            between(SOCKS5 + "Socks5" + message + "RequestDecoder", "state=INIT");
            between(SOCKS5 + "Socks5" + message + "ResponseDecoder", "state=INIT");
        }
        between(SOCKS5 + "Socks5PrivateAuthRequestDecoder", "decoded=false");
        between(SOCKS5 + "Socks5PrivateAuthResponseDecoder", "state=INIT");
        anyByte(CODEC + "socksx.SocksPortUnificationServerHandler");
    }

    private static void handlers() {
        plain(HANDLER, "address.ResolveAddressHandler", "address.DynamicAddressConnectHandler");
        plain(HANDLER, "flush.FlushConsolidationHandler", "logging.LoggingHandler", "pcap.PcapWriteHandler");
        plain(HANDLER, "ipfilter.IpSubnetFilter", "ipfilter.RuleBasedIpFilter", "ipfilter.UniqueIpFilter");
        plain(HANDLER, "ipfilter.AbstractRemoteAddressFilter");
        plain(HANDLER, "timeout.IdleStateHandler", "timeout.ReadTimeoutHandler", "timeout.WriteTimeoutHandler");
        between(HANDLER + "flow.FlowControlHandler", "queue=null|size 0");
        between(HANDLER + "stream.ChunkedWriteHandler", "queue=null|size 0");
        plain(HANDLER, "traffic.AbstractTrafficShapingHandler");
        between(HANDLER + "traffic.ChannelTrafficShapingHandler", "messagesQueue=size 0");
        between(HANDLER + "traffic.GlobalTrafficShapingHandler", "queuesSize=0");
        between(HANDLER + "traffic.GlobalChannelTrafficShapingHandler", "queuesSize=0");
    }

    private static void ours() {
        plain("io.fdnetty.internal.gate.", "Gate", "AnswerGuard", "BytesHold");
        plain("io.fdnetty.internal.handler.", "FreshHandlers$ActiveWatch");
        plain("io.fdnetty.http.", "HandshakeSilencer");
    }

    private static void anyByte(String name, String... checks) {
        put(name, ANY_BYTE, checks);
    }

    private static void between(String name, String... checks) {
        put(name, BETWEEN_MESSAGES, checks);
    }

    private static void stays(String name) {
        put(name, STAYS);
    }

    private static void plain(String parent, String... names) {
        for (String name : names) {
            put(parent + name, PLAIN);
        }
    }

    private static void put(String name, Verdict verdict, String... checks) {
        List<FieldCheck> parsed =
                List.of(checks).stream().map(FieldCheck::parse).toList();
        BY_CLASS.put(name, new Known(verdict, parsed));
    }
}
