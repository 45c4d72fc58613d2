package io.fdnetty.migration;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.UnixChannel;
import io.netty.util.internal.StringUtil;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The handlers of one pipeline, seen with the eyes of a mover. Event loop only; true as long as the pipeline does not change. */
final class Survey {
    private final Channel channel;
    private final MoveOptions options;
    private final List<ChannelHandlerContext> contexts = new ArrayList<>(8);
    private final List<ChannelHandlerContext> movable = new ArrayList<>(2);
    private final List<ChannelHandler> decoders = new ArrayList<>(1);

    private Survey(Channel channel, MoveOptions options) {
        this.channel = channel;
        this.options = options;
    }

    /** Surveys all handlers but this gate. */
    static Survey of(Channel channel, MoveOptions options, @Nullable Gate gate) {
        Survey survey = new Survey(channel, options);
        ChannelPipeline pipeline = channel.pipeline();
        for (ChannelHandler handler : pipeline.toMap().values()) {
            ChannelHandlerContext context = handler == gate ? null : pipeline.context(handler);
            if (context != null) {
                survey.contexts.add(context);
                if (handler instanceof MovableHandler) {
                    survey.movable.add(context);
                }
            }
        }
        return survey;
    }

    /** All handlers, from the socket on. */
    List<ChannelHandlerContext> contexts() {
        return contexts;
    }

    /** The {@link MovableHandler}s, from the socket on. */
    List<ChannelHandlerContext> movable() {
        return movable;
    }

    /** The handlers with a state that moves along. */
    List<ChannelHandlerContext> stateful() {
        return movable.stream()
                .filter(context -> ((MovableHandler) context.handler()).stateVersion() > 0)
                .toList();
    }

    /** Whether the first handler keeps bytes until they are a message. */
    boolean startsWithDecoder() {
        return !contexts.isEmpty() && UnreadBytes.mayBeIn(contexts.get(0).handler());
    }

    /** What stands in front of the first handler that keeps bytes until they are a message; null if there is none. */
    @Nullable
    ChannelHandlerContext beforeFirstDecoder() {
        for (int i = 0; i < contexts.size(); i++) {
            if (UnreadBytes.mayBeIn(contexts.get(i).handler())) {
                return i > 0 ? contexts.get(i - 1) : channel.pipeline().firstContext();
            }
        }
        return null;
    }

    /**
     * Why the connection cannot move now; null if it can. The handlers are asked last, so that none is bothered in vain.
     *
     * @param now what a handler that says "not now" keeps
     */
    @Nullable
    Refusal refusal(Runnable now) {
        if (!(channel instanceof UnixChannel && channel instanceof DuplexChannel)) {
            return Refusal.never("a " + StringUtil.simpleClassName(channel) + " has no descriptor that can be passed");
        }
        decoders.clear();
        for (ChannelHandlerContext context : contexts) {
            Refusal refusal = refusalOf(context);
            if (refusal != null) {
                return refusal;
            }
        }
        Refusal duplicate = options.isRestored() ? duplicateState() : null;
        return duplicate != null ? duplicate : askHandlers(now);
    }

    private @Nullable Refusal refusalOf(ChannelHandlerContext context) {
        ChannelHandler handler = context.handler();
        if (!context.executor().equals(channel.eventLoop())) {
            return Refusal.never(named(context) + " runs on an executor of its own");
        }
        boolean declared = options.isDeclared(handler) || handler instanceof MovableHandler || isVouchedFor(handler);
        Refusal refusal = refusalByRule(context, declared);
        if (refusal == null && !options.isAtBoundary(handler)) {
            return Refusal.later(named(context) + " is not at a boundary");
        }
        return refusal;
    }

    private boolean isVouchedFor(ChannelHandler handler) {
        return movable.stream().anyMatch(context -> ((MovableHandler) context.handler()).vouchesFor(handler));
    }

    private @Nullable Refusal refusalByRule(ChannelHandlerContext context, boolean declared) {
        return switch (HandlerRules.of(context.handler())) {
            case PLAIN -> null;
            case TLS -> Refusal.never("TLS connections are not moved yet (" + named(context) + ')');
            case KEEPER -> declared ? null : Refusal.never(named(context) + " may keep what cannot be taken out of it");
            case BYTE_DECODER -> declared ? decodes(context) : undeclared(context);
            case BUFFER_ONLY -> Discarding.isOn(context.handler()) ? discarding(context) : decodes(context);
        };
    }

    private static Refusal undeclared(ChannelHandlerContext context) {
        return Refusal.never(
                named(context) + " may know more than its unread bytes; declare it, or let it be a MovableHandler");
    }

    private static Refusal discarding(ChannelHandlerContext context) {
        return Refusal.later(named(context) + " is discarding a frame that was too long");
    }

    /** One that stands behind another must pass raw bytes on or be empty, which somebody has to know. */
    private @Nullable Refusal decodes(ChannelHandlerContext context) {
        if (!decoders.isEmpty() && !isVouchedFor(context.handler())) {
            return Refusal.never(named(context) + " is the second handler that decodes bytes");
        }
        decoders.add(context.handler());
        return null;
    }

    private @Nullable Refusal duplicateState() {
        List<ChannelHandlerContext> stateful = stateful();
        long names = stateful.stream()
                .map(context -> ((MovableHandler) context.handler()).stateName())
                .distinct()
                .count();
        return names == stateful.size() ? null : Refusal.never("two handlers save their state under one name");
    }

    private @Nullable Refusal askHandlers(Runnable now) {
        for (ChannelHandlerContext context : movable) {
            try {
                Refusal refusal = ask(context, now);
                if (refusal != null) {
                    return refusal;
                }
            } catch (Throwable e) { // or nobody would let the connection go on
                return Refusal.never(named(context) + " failed when asked: " + e);
            }
        }
        return null;
    }

    private @Nullable Refusal ask(ChannelHandlerContext context, Runnable now) {
        MovableHandler handler = (MovableHandler) context.handler();
        String never = handler.whyNever(context, options.isRestored());
        if (never != null) {
            return Refusal.never(never);
        }
        return handler.mayMove(context, now) ? null : notNow(context, handler.whyNot());
    }

    private static Refusal notNow(ChannelHandlerContext context, String why) {
        return Refusal.whenTold(named(context) + " says not now" + (why.isEmpty() ? "" : ": " + why));
    }

    private static String named(ChannelHandlerContext context) {
        return StringUtil.simpleClassName(context.handler());
    }
}
