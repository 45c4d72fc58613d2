package io.fdnetty.internal.capture;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.move.MoveOptions;
import io.fdnetty.testing.DescriptorLeaks;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DelimiterBasedFrameDecoder;
import io.netty.handler.codec.FixedLengthFrameDecoder;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.LengthFieldPrepender;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.base64.Base64Decoder;
import io.netty.handler.codec.base64.Base64Encoder;
import io.netty.handler.codec.bytes.ByteArrayDecoder;
import io.netty.handler.codec.bytes.ByteArrayEncoder;
import io.netty.handler.codec.dns.DefaultDnsQuery;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DefaultDnsResponse;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsSection;
import io.netty.handler.codec.dns.TcpDnsQueryDecoder;
import io.netty.handler.codec.dns.TcpDnsQueryEncoder;
import io.netty.handler.codec.dns.TcpDnsResponseDecoder;
import io.netty.handler.codec.dns.TcpDnsResponseEncoder;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket00FrameDecoder;
import io.netty.handler.codec.json.JsonObjectDecoder;
import io.netty.handler.codec.marshalling.CompatibleMarshallingDecoder;
import io.netty.handler.codec.marshalling.CompatibleMarshallingEncoder;
import io.netty.handler.codec.marshalling.DefaultMarshallerProvider;
import io.netty.handler.codec.marshalling.DefaultUnmarshallerProvider;
import io.netty.handler.codec.marshalling.MarshallingDecoder;
import io.netty.handler.codec.marshalling.MarshallingEncoder;
import io.netty.handler.codec.protobuf.ProtobufVarint32FrameDecoder;
import io.netty.handler.codec.protobuf.ProtobufVarint32LengthFieldPrepender;
import io.netty.handler.codec.serialization.ClassResolvers;
import io.netty.handler.codec.serialization.ObjectDecoder;
import io.netty.handler.codec.serialization.ObjectEncoder;
import io.netty.handler.codec.string.LineEncoder;
import io.netty.handler.codec.string.StringDecoder;
import io.netty.handler.codec.string.StringEncoder;
import io.netty.handler.codec.xml.XmlFrameDecoder;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.netty.handler.ipfilter.RuleBasedIpFilter;
import io.netty.handler.ipfilter.UniqueIpFilter;
import io.netty.handler.logging.LogLevel;
import io.netty.handler.logging.LoggingHandler;
import io.netty.handler.stream.ChunkedWriteHandler;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.handler.timeout.ReadTimeoutHandler;
import io.netty.handler.timeout.WriteTimeoutHandler;
import io.netty.handler.traffic.ChannelTrafficShapingHandler;
import io.netty.handler.traffic.GlobalTrafficShapingHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jboss.marshalling.MarshallerFactory;
import org.jboss.marshalling.Marshalling;
import org.jboss.marshalling.MarshallingConfiguration;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Connections with these handlers move after any byte of what their clients send. */
@ExtendWith(DescriptorLeaks.class)
@Timeout(120)
@SuppressWarnings({"deprecation", "UnicodeEscape", "ArrayRecordComponent"}) // deprecated, and in servers
class AnyByteTest {
    private static final byte[] FRAMES = ascii("\0\0\0\5hello\0\0\0\0\0\0\0\2YW");

    record Case(String name, Supplier<List<ChannelHandler>> handlers, byte[] input, Function<Object, String> words) {
        @Override
        public String toString() {
            return name;
        }
    }

    static final List<Case> CASES = Stream.of(frames(), formats(), objects(), dns(), messages(), others())
            .flatMap(List::stream)
            .toList();

    @ParameterizedTest
    @FieldSource("CASES")
    void moves(Case each) throws Exception {
        try (Splits splits = new Splits(MoveOptions.asAccepted(), each.handlers(), each.words())) {
            if (each.name().startsWith("Compatible")) {
                splits.endOutput(); // it reads ahead
            }
            String expected = splits.withoutAMove(each.input());
            assertThat(expected).isNotEmpty();
            for (int split = 0; split < each.input().length; split++) {
                String made = splits.at(split, each.input());
                if (!made.equals(expected)) {
                    assertThat(made).as("after byte %d", split).isEqualTo(splits.withoutAMove(split, each.input()));
                }
            }
            assertThat(splits.reasons()).isEmpty();
            assertThat(splits.moved())
                    .containsExactlyElementsOf(
                            IntStream.range(0, each.input().length).boxed().toList());
        }
    }

    private static List<Case> frames() {
        return List.of(
                of("FixedLengthFrameDecoder", "abcdefghi", () -> new FixedLengthFrameDecoder(3)),
                of("LengthFieldBasedFrameDecoder", FRAMES, AnyByteTest::byLength),
                of("LineBasedFrameDecoder", "one\r\ntwo\n\nthree\n", () -> new LineBasedFrameDecoder(80)),
                of("DelimiterBasedFrameDecoder", "one||two||||", () -> delimited("||")),
                of("DelimiterBasedFrameDecoder, lines", "one\r\ntwo\n\n", () -> delimited("\r\n", "\n")));
    }

    private static List<Case> formats() {
        byte[] varint = encode(
                List.of(Unpooled.copiedBuffer("x".repeat(200), UTF_8), Unpooled.copiedBuffer("y", UTF_8)),
                new ProtobufVarint32LengthFieldPrepender());
        return List.of(
                of("JsonObjectDecoder", " {\"a\":\"}{\\\"\"} [1,[2]] {\"b\":{}}", JsonObjectDecoder::new),
                of("XmlFrameDecoder", "<a x=\"1\"/> <b><c>t</c></b><d/>", () -> new XmlFrameDecoder(100)),
                of("ProtobufVarint32FrameDecoder", varint, ProtobufVarint32FrameDecoder::new),
                of("WebSocket00FrameDecoder", "\0one\u00ff\0two\u00ff", () -> new WebSocket00FrameDecoder(100)),
                of(
                        "HAProxyMessageDecoder, version 1",
                        "PROXY TCP4 1.2.3.4 5.6.7.8 11 22\r\n",
                        HAProxyMessageDecoder::new),
                of("HAProxyMessageDecoder, version 2", proxyHeader(), HAProxyMessageDecoder::new));
    }

    private static byte[] proxyHeader() {
        return ascii("\r\n\r\n\0\r\nQUIT\n\u0021\u0011\0\u000c\1\2\3\4\5\6\7\u0008\0\u0001\0\u0002");
    }

    private static List<Case> objects() {
        MarshallerFactory factory = Marshalling.getProvidedMarshallerFactory("river");
        MarshallingConfiguration config = new MarshallingConfiguration();
        config.setVersion(3);
        DefaultMarshallerProvider writers = new DefaultMarshallerProvider(factory, config);
        DefaultUnmarshallerProvider readers = new DefaultUnmarshallerProvider(factory, config);
        List<Object> messages = List.of("one", 2);
        return List.of(
                of("ObjectDecoder", encode(messages, new ObjectEncoder()), AnyByteTest::objectDecoder),
                of(
                        "MarshallingDecoder",
                        encode(messages, new MarshallingEncoder(writers)),
                        () -> new MarshallingDecoder(readers)),
                of(
                        "CompatibleMarshallingDecoder",
                        encode(messages, new CompatibleMarshallingEncoder(writers)),
                        () -> new CompatibleMarshallingDecoder(readers, 1000)));
    }

    @SuppressWarnings("deprecation") // it is in Netty, and in servers
    private static ChannelHandler objectDecoder() {
        return new ObjectDecoder(ClassResolvers.cacheDisabled(null));
    }

    private static List<Case> dns() {
        DefaultDnsQuestion question = new DefaultDnsQuestion("example.com.", DnsRecordType.A);
        byte[] query = encode(
                List.of(new DefaultDnsQuery(7).addRecord(DnsSection.QUESTION, question)), new TcpDnsQueryEncoder());
        byte[] response = encode(
                List.of(new DefaultDnsResponse(7).addRecord(DnsSection.QUESTION, question)),
                new TcpDnsResponseEncoder());
        return List.of(
                of("TcpDnsQueryDecoder", query, TcpDnsQueryDecoder::new),
                of("TcpDnsResponseDecoder", response, TcpDnsResponseDecoder::new));
    }

    /** Behind a frame decoder. */
    private static List<Case> messages() {
        return List.of(
                behind("StringDecoder", StringDecoder::new),
                behind("StringEncoder", StringEncoder::new),
                behind("LineEncoder", LineEncoder::new),
                behind("Base64Decoder", () -> new Base64Decoder()),
                behind("Base64Encoder", () -> new Base64Encoder()),
                behind("ByteArrayDecoder", ByteArrayDecoder::new),
                behind("ByteArrayEncoder", ByteArrayEncoder::new),
                behind("LengthFieldPrepender", () -> new LengthFieldPrepender(4)),
                behind("FlowControlHandler", FlowControlHandler::new),
                behind("ChunkedWriteHandler", ChunkedWriteHandler::new));
    }

    /** In front of a frame decoder. */
    private static List<Case> others() {
        return List.of(
                before("LoggingHandler", () -> new LoggingHandler(LogLevel.TRACE)),
                before("IdleStateHandler", () -> new IdleStateHandler(60, 60, 60)),
                before("ReadTimeoutHandler", () -> new ReadTimeoutHandler(60)),
                before("WriteTimeoutHandler", () -> new WriteTimeoutHandler(60)),
                before("FlushConsolidationHandler", FlushConsolidationHandler::new),
                before("RuleBasedIpFilter", RuleBasedIpFilter::new),
                before("UniqueIpFilter", UniqueIpFilter::new),
                before(
                        "GlobalTrafficShapingHandler",
                        () -> new GlobalTrafficShapingHandler(GlobalEventExecutor.INSTANCE, 1 << 20, 1 << 20, 0)),
                before("ChannelTrafficShapingHandler", () -> new ChannelTrafficShapingHandler(1 << 20, 1 << 20)));
    }

    private static Case before(String name, Supplier<ChannelHandler> handler) {
        return new Case(name, () -> List.of(handler.get(), byLength()), FRAMES, AnyByteTest::words);
    }

    private static Case behind(String name, Supplier<ChannelHandler> handler) {
        return new Case(name, () -> List.of(byLength(), handler.get()), FRAMES, AnyByteTest::words);
    }

    private static Case of(String name, String input, Supplier<ChannelHandler> decoder) {
        return of(name, ascii(input), decoder);
    }

    private static Case of(String name, byte[] input, Supplier<ChannelHandler> decoder) {
        return new Case(name, () -> List.of(decoder.get()), input, AnyByteTest::words);
    }

    private static String words(Object message) {
        if (message instanceof byte[] bytes) {
            return '<' + new String(bytes, ISO_8859_1) + '>';
        }
        if (message instanceof HAProxyMessage header) {
            return header.sourceAddress() + header.destinationPort();
        }
        return '<' + Splits.text(message) + '>';
    }

    private static ChannelHandler byLength() {
        return new LengthFieldBasedFrameDecoder(1000, 0, 4, 0, 4);
    }

    private static ChannelHandler delimited(String... delimiters) {
        ByteBuf[] all = Stream.of(delimiters)
                .map(delimiter -> Unpooled.copiedBuffer(delimiter, UTF_8))
                .toArray(ByteBuf[]::new);
        return new DelimiterBasedFrameDecoder(100, all);
    }

    /** What these encoders make of the messages. */
    static byte[] encode(List<?> messages, ChannelHandler... encoders) {
        EmbeddedChannel channel = new EmbeddedChannel(encoders);
        messages.forEach(channel::writeOutbound);
        ByteBuf all = Unpooled.buffer();
        for (Object part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
            all.writeBytes((ByteBuf) part);
            ((ByteBuf) part).release();
        }
        channel.finishAndReleaseAll();
        return ByteBufUtil.getBytes(all);
    }

    static byte[] ascii(String text) {
        return text.getBytes(ISO_8859_1);
    }
}
