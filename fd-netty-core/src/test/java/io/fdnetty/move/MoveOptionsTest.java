package io.fdnetty.move;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fdnetty.internal.handler.Advice;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.ReplayingDecoder;
import io.netty.handler.codec.compression.JdkZlibDecoder;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.redis.RedisArrayAggregator;
import io.netty.handler.codec.string.StringDecoder;
import io.netty.handler.ssl.SslHandler;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Declarations that cannot be true are refused where they are made. */
class MoveOptionsTest {
    private final MoveOptions options = MoveOptions.asAccepted();

    @ParameterizedTest
    @ValueSource(
            classes = {MqttDecoder.class, HttpServerCodec.class, HttpObjectAggregator.class, RedisArrayAggregator.class
            })
    void whatKnowsMoreWithinAMessageIsNotStateless(Class<? extends ChannelHandler> type) {
        assertThatThrownBy(() -> Advice.check(options.stateless(type)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(type.getSimpleName() + " knows more than its unread bytes within a message")
                .hasMessageContaining("It moves between messages without a declaration");
    }

    @Test
    void aSubclassIsWhatItsSuperclassIs() {
        assertThatThrownBy(() -> Advice.check(options.stateless(Site.class))).hasMessageContaining("within a message");
        assertThatThrownBy(() -> Advice.check(options.stateless(HttpServerCodec.class)))
                .hasMessageContaining("HttpBoundary");
    }

    @Test
    void aReplayingDecoderSaysWhen() {
        assertThatThrownBy(() -> Advice.check(options.stateless(Replaying.class)))
                .hasMessageContaining("MoveOptionsTest.Replaying is a ReplayingDecoder")
                .hasMessageContaining("say when: statelessWhen(MoveOptionsTest.Replaying.class, ...)");
        assertThat(options.statelessWhen(Replaying.class, decoder -> false)).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(classes = {SslHandler.class, Http2FrameCodec.class, JdkZlibDecoder.class})
    void whatStaysCannotBeDeclared(Class<? extends ChannelHandler> type) {
        assertThatThrownBy(() -> Advice.check(options.stateless(type))).hasMessageContaining(type.getSimpleName());
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                ChannelHandler.class,
                ChannelDuplexHandler.class,
                ByteToMessageDecoder.class,
                ReplayingDecoder.class
            })
    void aDeclarationNamesAHandlerAndNotAllOfThem(Class<? extends ChannelHandler> type) {
        assertThatThrownBy(() -> Advice.check(options.stateless(type))).hasMessageContaining("name the class of yours");
    }

    @ParameterizedTest
    @ValueSource(classes = {Own.class, LengthFieldBasedFrameDecoder.class, StringDecoder.class})
    void otherClassesCanBeDeclared(Class<? extends ChannelHandler> type) {
        assertThatCode(() -> Advice.check(options.stateless(type))).doesNotThrowAnyException();
    }

    private static final class Own extends ChannelDuplexHandler {}

    private static final class Site extends HttpObjectAggregator {
        Site() {
            super(1);
        }
    }

    private static final class Replaying extends ReplayingDecoder<Void> {
        @Override
        protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
            out.add(in.readByte());
        }
    }
}
