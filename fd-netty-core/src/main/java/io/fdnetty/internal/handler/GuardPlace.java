package io.fdnetty.internal.handler;

import io.fdnetty.internal.gate.AnswerGuard;
import io.fdnetty.internal.gate.OwnHandler;
import io.fdnetty.move.MovableHandler;
import io.fdnetty.move.MoveOptions;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandler;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.CombinedChannelDuplexHandler;
import io.netty.handler.codec.ByteToMessageCodec;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.MessageToByteEncoder;
import io.netty.handler.codec.MessageToMessageCodec;
import io.netty.handler.codec.MessageToMessageDecoder;
import io.netty.handler.codec.MessageToMessageEncoder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where in a pipeline answers are counted: behind the last handler that makes messages out of bytes, before the first
 * one that may answer them.
 */
public final class GuardPlace {
    private final List<ChannelHandlerContext> contexts = new ArrayList<>(8);
    /** How many of them stand before the guard; -1 if there is none. */
    private int beforeGuard = -1;

    private GuardPlace(ChannelPipeline pipeline) {
        for (ChannelHandler handler : pipeline.toMap().values()) {
            if (handler instanceof AnswerGuard) {
                beforeGuard = contexts.size();
            } else if (!(handler instanceof OwnHandler)) {
                contexts.add(pipeline.context(handler));
            }
        }
    }

    /** The context in front of which a guard belongs; null if the pipeline needs none. */
    public static @Nullable ChannelHandlerContext in(ChannelPipeline pipeline, MoveOptions options) {
        if (!options.countsAnswers()) {
            return null;
        }
        GuardPlace place = new GuardPlace(pipeline);
        int first = place.first();
        return first < 0 ? null : place.contexts.get(first);
    }

    /** Whether answers are counted where they should be, in a pipeline that may have changed since it was built. */
    public static boolean isGuarded(ChannelPipeline pipeline) {
        GuardPlace place = new GuardPlace(pipeline);
        int guard = place.beforeGuard;
        return guard >= 0
                && guard <= place.first()
                && (guard == place.first() || guard >= place.behindLastByteDecoder());
    }

    /**
     * The first handler that may answer; -1 if there is none, or a handler from there on takes account of answers
     * itself.
     */
    private int first() {
        int first = firstUnknown(behindLastByteDecoder());
        if (first < 0) {
            first = firstUnknown(0);
        }
        return first < 0 || isKnown(first) ? -1 : first;
    }

    private int behindLastByteDecoder() {
        for (int i = contexts.size(); i > 0; i--) {
            if (decodesBytes(contexts.get(i - 1).handler())) {
                return i;
            }
        }
        return 0;
    }

    private int firstUnknown(int from) {
        for (int i = from; i < contexts.size(); i++) {
            if (mayAnswer(contexts.get(i).handler())) {
                return i;
            }
        }
        return -1;
    }

    private boolean isKnown(int from) {
        return contexts.subList(from, contexts.size()).stream()
                .anyMatch(context -> context.handler() instanceof MovableHandler movable && movable.knowsAnswers());
    }

    private static boolean mayAnswer(ChannelHandler handler) {
        return handler instanceof ChannelInboundHandler
                && !isNettys(handler)
                && !isCodec(handler)
                && !(handler instanceof MovableHandler movable && leavesAnswersToOthers(movable));
    }

    /** Whether it says when to move, and that this is not about answers: the boundary of a protocol. */
    private static boolean leavesAnswersToOthers(MovableHandler handler) {
        return MovableHandlers.overridesMayMove(handler.getClass()) && !handler.knowsAnswers();
    }

    private static boolean isNettys(ChannelHandler handler) {
        String name = handler.getClass().getName();
        return name.startsWith("io.netty.") && !name.startsWith("io.netty.example.");
    }

    private static boolean decodesBytes(ChannelHandler handler) {
        return handler instanceof ByteToMessageDecoder
                || handler instanceof ByteToMessageCodec
                || handler instanceof CombinedChannelDuplexHandler;
    }

    private static boolean isCodec(ChannelHandler handler) {
        return decodesBytes(handler)
                || handler instanceof MessageToMessageDecoder
                || handler instanceof MessageToMessageCodec
                || handler instanceof MessageToByteEncoder
                || handler instanceof MessageToMessageEncoder;
    }
}
