package io.fdnetty.migration;

import io.netty.channel.ChannelHandler;
import io.netty.channel.CombinedChannelDuplexHandler;
import io.netty.handler.codec.ByteToMessageCodec;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.DelimiterBasedFrameDecoder;
import io.netty.handler.codec.FixedLengthFrameDecoder;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.LineBasedFrameDecoder;
import java.util.List;

/** What is known about the classes of handlers: which hold bytes, and which know more than their bytes. */
final class HandlerRules {
    /** Handlers of Netty that keep what cannot be taken out of them; by name, since their jars may be absent. */
    private static final List<String> KEEPERS = List.of(
            "io.netty.handler.stream.ChunkedWriteHandler",
            "io.netty.handler.flow.FlowControlHandler",
            "io.netty.handler.traffic.AbstractTrafficShapingHandler",
            "io.netty.handler.codec.compression.",
            "io.netty.handler.codec.http2.");

    private static final String TLS = "io.netty.handler.ssl.";

    /** What a class of handlers means for a move. */
    enum Rule {
        /** It holds no bytes of its own. */
        PLAIN,
        /** It decodes bytes, and its unread bytes are all it knows. */
        BUFFER_ONLY,
        /** It decodes bytes and may know more than those that it has not decoded yet. */
        BYTE_DECODER,
        /** It keeps what cannot be taken out of it. */
        KEEPER,
        /** TLS, which is not moved yet. */
        TLS
    }

    private static final ClassValue<Rule> RULES = new ClassValue<>() {
        @Override
        protected Rule computeValue(Class<?> type) {
            return find(type);
        }
    };

    private HandlerRules() {}

    static Rule of(ChannelHandler handler) {
        return RULES.get(handler.getClass());
    }

    private static Rule find(Class<?> type) {
        for (Class<?> known = type; known != null; known = known.getSuperclass()) {
            String name = known.getName();
            if (name.startsWith(TLS)) {
                return Rule.TLS;
            }
            if (KEEPERS.stream().anyMatch(name::startsWith)) {
                return Rule.KEEPER;
            }
        }
        if (isBufferOnly(type)) {
            return Rule.BUFFER_ONLY;
        }
        return decodesBytes(type) ? Rule.BYTE_DECODER : Rule.PLAIN;
    }

    private static boolean isBufferOnly(Class<?> type) {
        return LengthFieldBasedFrameDecoder.class.isAssignableFrom(type)
                || LineBasedFrameDecoder.class.isAssignableFrom(type)
                || DelimiterBasedFrameDecoder.class.isAssignableFrom(type)
                || FixedLengthFrameDecoder.class.isAssignableFrom(type);
    }

    private static boolean decodesBytes(Class<?> type) {
        return ByteToMessageDecoder.class.isAssignableFrom(type)
                || ByteToMessageCodec.class.isAssignableFrom(type)
                || CombinedChannelDuplexHandler.class.isAssignableFrom(type);
    }
}
