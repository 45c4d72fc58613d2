package io.fdnetty.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.CombinedChannelDuplexHandler;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http.HttpObjectDecoder;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Where Netty's HTTP decoder stands within the bytes that it was given. Event loop only, and not while it decodes.
 *
 * <p>Read from private fields, checked against Netty 4.2.18. Where Netty's modules are named and not opened to this one
 * {@link #of} finds nothing.
 */
final class DecoderView {
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(DecoderView.class);

    private static final byte LF = '\n';
    private static final @Nullable VarHandle INNER = field(CombinedChannelDuplexHandler.class, "inboundHandler");
    private static final @Nullable VarHandle STATE = field(HttpObjectDecoder.class, "currentState");
    private static final @Nullable VarHandle MISSING = field(HttpObjectDecoder.class, "chunkSize");
    private static final @Nullable VarHandle RESET = field(HttpObjectDecoder.class, "resetRequested");
    private static final @Nullable VarHandle BUFFER = field(ByteToMessageDecoder.class, "cumulation");

    private final VarHandle state;
    private final VarHandle missing;
    private final VarHandle reset;
    private final VarHandle buffer;
    private final HttpObjectDecoder decoder;

    private DecoderView(
            HttpObjectDecoder decoder, VarHandle state, VarHandle missing, VarHandle reset, VarHandle buffer) {
        this.decoder = decoder;
        this.state = state;
        this.missing = missing;
        this.reset = reset;
        this.buffer = buffer;
    }

    /** A view of the decoder in this codec; null if there is none that can be looked into. */
    static @Nullable DecoderView of(ChannelHandler codec) {
        HttpObjectDecoder decoder = decoderIn(codec);
        if (decoder == null || STATE == null || MISSING == null || RESET == null || BUFFER == null) {
            return null;
        }
        return new DecoderView(decoder, STATE, MISSING, RESET, BUFFER);
    }

    private static @Nullable HttpObjectDecoder decoderIn(ChannelHandler codec) {
        Object inner = codec;
        if (codec instanceof CombinedChannelDuplexHandler<?, ?> && INNER != null) {
            inner = INNER.get(codec);
        }
        return inner instanceof HttpObjectDecoder decoder ? decoder : null;
    }

    /** Whether all it knows is unread bytes, which it gives out when it is removed. */
    boolean isBetweenMessages() {
        return switch (state()) {
            case "SKIP_INITIAL_LINE_CHARS", "SKIP_CONTROL_CHARS", "READ_INITIAL" -> true;
            default -> ((AtomicBoolean) reset.get(decoder)).get();
        };
    }

    /**
     * How many of the next bytes it can be given for certain without overshooting the end of the message that it is
     * reading, or beginning the next one with more than a line.
     */
    int safeLength(ByteBuf next) {
        return switch (state()) {
            case "READ_FIXED_LENGTH_CONTENT", "READ_CHUNKED_CONTENT" ->
                (int) Math.max(0, Math.min(next.readableBytes(), missing()));
            case "BAD_MESSAGE", "UPGRADED", "READ_VARIABLE_LENGTH_CONTENT" -> next.readableBytes();
            default -> lineLength(next);
        };
    }

    private long missing() {
        ByteBuf given = (ByteBuf) buffer.get(decoder);
        return (long) missing.get(decoder) - (given == null ? 0 : given.readableBytes());
    }

    private static int lineLength(ByteBuf next) {
        int lf = next.bytesBefore(LF);
        return lf < 0 ? next.readableBytes() : lf + 1;
    }

    private String state() {
        return ((Enum<?>) state.get(decoder)).name();
    }

    /** The last HTTP/1 codec of a server in front of this handler; null if there is none. */
    static @Nullable ChannelHandler codecBefore(ChannelHandlerContext ctx) {
        ChannelHandler found = null;
        for (ChannelHandler handler : ctx.pipeline().toMap().values()) {
            if (handler == ctx.handler()) {
                return found;
            }
            if (handler instanceof HttpServerCodec
                    || handler instanceof HttpRequestDecoder
                    || decoderIn(handler) instanceof HttpRequestDecoder) {
                found = handler;
            }
        }
        return found;
    }

    private static @Nullable VarHandle field(Class<?> owner, String name) {
        try {
            return MethodHandles.privateLookupIn(owner, MethodHandles.lookup())
                    .unreflectVarHandle(owner.getDeclaredField(name));
        } catch (ReflectiveOperationException | RuntimeException e) {
            logger.debug("No access to {}.{}: going on without it", owner.getName(), name, e);
            return null;
        }
    }
}
