package io.fdnetty.internal.netty;

import io.fdnetty.internal.gate.BytesHold;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandler;
import io.netty.channel.CombinedChannelDuplexHandler;
import io.netty.handler.codec.ByteToMessageCodec;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * What a decoder has taken in and not decoded yet, taken out of it as long as it is not decided who owns the
 * connection: so nothing that happens to the decoder meanwhile (a timer that removes it, say) lets the bytes be
 * processed here as well. Event loop only, and not while the decoder decodes.
 *
 * <p>It works on private fields, checked against Netty 4.2.18.
 */
public final class UnreadBytes {
    private static final @Nullable VarHandle CUMULATION =
            ChannelInternals.field(ByteToMessageDecoder.class, "cumulation", ByteBuf.class);
    private static final @Nullable VarHandle CODEC =
            ChannelInternals.field(ByteToMessageCodec.class, "decoder", ByteToMessageDecoder.class);
    private static final @Nullable VarHandle INBOUND =
            ChannelInternals.field(CombinedChannelDuplexHandler.class, "inboundHandler", ChannelInboundHandler.class);

    private final ChannelHandlerContext context;
    private final ByteToMessageDecoder decoder;
    private final ByteBuf bytes;

    private UnreadBytes(ChannelHandlerContext context, ByteToMessageDecoder decoder, ByteBuf bytes) {
        this.context = context;
        this.decoder = decoder;
        this.bytes = bytes;
    }

    /** Whether no handler of the author's has seen them. */
    public boolean areHeld() {
        return decoder instanceof BytesHold;
    }

    /** Whether they can be reached in this process. */
    public static boolean isAvailable() {
        return CUMULATION != null && CODEC != null && INBOUND != null;
    }

    /** Whether this handler keeps bytes until they are a message. */
    public static boolean mayBeIn(ChannelHandler handler) {
        return decoderIn(handler) != null;
    }

    /**
     * Takes the bytes out of this handler; null if there are none. End it with {@link #giveBack} or {@link #release}.
     */
    public static @Nullable UnreadBytes take(ChannelHandlerContext context) {
        ByteToMessageDecoder decoder = decoderIn(context.handler());
        if (decoder == null || CUMULATION == null) {
            return null;
        }
        ByteBuf waiting = (ByteBuf) CUMULATION.get(decoder);
        if (waiting == null || !waiting.isReadable()) {
            return null;
        }
        CUMULATION.set(decoder, null);
        return new UnreadBytes(context, decoder, waiting);
    }

    /** A view of them, which the caller releases. */
    public ByteBuf slice() {
        return bytes.retainedSlice();
    }

    /** Puts them into the decoder again, which looks at them anew: it may know by now what to do with them. */
    public void giveBack() throws Exception {
        if (CUMULATION == null || context.isRemoved()) {
            context.fireChannelRead(bytes); // as it does with what is left when it is removed
            context.fireChannelReadComplete();
            return;
        }
        ByteBuf later = (ByteBuf) CUMULATION.get(decoder);
        CUMULATION.set(decoder, later == null ? bytes : Unpooled.wrappedBuffer(bytes, later));
        ChannelInboundHandler handler = (ChannelInboundHandler) context.handler();
        handler.channelRead(context, Unpooled.EMPTY_BUFFER);
        handler.channelReadComplete(context);
    }

    public void release() {
        bytes.release();
    }

    private static @Nullable ByteToMessageDecoder decoderIn(ChannelHandler handler) {
        if (handler instanceof ByteToMessageDecoder decoder) {
            return decoder;
        }
        if (handler instanceof ByteToMessageCodec<?> codec && CODEC != null) {
            return (ByteToMessageDecoder) CODEC.get(codec);
        }
        if (handler instanceof CombinedChannelDuplexHandler<?, ?> combined && INBOUND != null) {
            ChannelHandler inner = (ChannelHandler) INBOUND.get(combined);
            return inner == null ? null : decoderIn(inner);
        }
        return null;
    }
}
