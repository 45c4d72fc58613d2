package io.fdnetty.migration;

import io.netty.channel.ChannelHandler;
import io.netty.handler.codec.DelimiterBasedFrameDecoder;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.LineBasedFrameDecoder;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Whether a frame decoder is throwing away the rest of a frame that was too long: the one thing that Netty's frame decoders
 * know beyond their unread bytes.
 *
 * <p>Read from private fields. Where Netty's modules are named and not opened to this one it is unknown and taken for a no: such
 * a connection would take the rest of the bad frame for new frames.
 */
final class Discarding {
    private static final @Nullable VarHandle LENGTH =
            Internals.field(LengthFieldBasedFrameDecoder.class, "discardingTooLongFrame", boolean.class);
    private static final @Nullable VarHandle LINE =
            Internals.field(LineBasedFrameDecoder.class, "discarding", boolean.class);
    private static final @Nullable VarHandle DELIMITER =
            Internals.field(DelimiterBasedFrameDecoder.class, "discardingTooLongFrame", boolean.class);
    private static final @Nullable VarHandle INNER_LINE =
            Internals.field(DelimiterBasedFrameDecoder.class, "lineBasedDecoder", LineBasedFrameDecoder.class);

    private Discarding() {}

    static boolean isOn(ChannelHandler decoder) {
        if (decoder instanceof LengthFieldBasedFrameDecoder length) {
            return LENGTH != null && (boolean) LENGTH.get(length);
        }
        if (decoder instanceof LineBasedFrameDecoder line) {
            return LINE != null && (boolean) LINE.get(line);
        }
        return decoder instanceof DelimiterBasedFrameDecoder delimiter && isOn(delimiter);
    }

    private static boolean isOn(DelimiterBasedFrameDecoder decoder) {
        if (DELIMITER == null || INNER_LINE == null) {
            return false;
        }
        ChannelHandler inner = (LineBasedFrameDecoder) INNER_LINE.get(decoder);
        return inner == null ? (boolean) DELIMITER.get(decoder) : isOn(inner);
    }
}
