package io.fdnetty.internal.survey;

import io.fdnetty.internal.connection.TrackedConnection;
import io.fdnetty.internal.gate.BytesHold;
import io.fdnetty.internal.gate.Gate;
import io.fdnetty.internal.gate.OwnHandler;
import io.fdnetty.internal.gate.Refusal;
import io.fdnetty.internal.handler.MovableHandlers;
import io.fdnetty.internal.netty.UnreadBytes;
import io.fdnetty.internal.protocol.MessageLimits;
import io.fdnetty.move.MovableHandler;
import io.fdnetty.move.MoveOptions;
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

/**
 * The handlers of one pipeline, seen with the eyes of a mover. Event loop only; true as long as the pipeline does not
 * change.
 */
public final class PipelineSurvey {
    private final Channel channel;
    private final MoveOptions options;
    private final List<ChannelHandlerContext> contexts = new ArrayList<>(8);
    private final List<ChannelHandlerContext> movable = new ArrayList<>(2);
    private final List<ChannelHandler> decoders = new ArrayList<>(1);
    private final HandlerCheck check;

    private PipelineSurvey(Channel channel, MoveOptions options) {
        this.channel = channel;
        this.options = options;
        this.check = new HandlerCheck(channel, options);
    }

    /** Surveys all handlers but this gate. */
    public static PipelineSurvey of(Channel channel, MoveOptions options, @Nullable Gate gate) {
        PipelineSurvey survey = new PipelineSurvey(channel, options);
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
    public List<ChannelHandlerContext> contexts() {
        return contexts;
    }

    /** The {@link MovableHandler}s, from the socket on. */
    public List<ChannelHandlerContext> movable() {
        return movable;
    }

    /** The handlers with a state that moves along: none where connections come back as accepted. */
    public List<ChannelHandlerContext> stateful() {
        if (!options.isRestored()) {
            return List.of();
        }
        return movable.stream()
                .filter(context -> ((MovableHandler) context.handler()).stateVersion() > 0)
                .toList();
    }

    /** Whether the first handler, but for a hold, keeps bytes until they are a message. */
    public boolean startsWithDecoder() {
        return contexts.stream()
                .map(ChannelHandlerContext::handler)
                .filter(handler -> !(handler instanceof BytesHold))
                .findFirst()
                .filter(UnreadBytes::mayBeIn)
                .isPresent();
    }

    /** What stands in front of the first handler that keeps bytes until they are a message; null if there is none. */
    @Nullable
    public ChannelHandlerContext beforeFirstDecoder() {
        for (int i = 0; i < contexts.size(); i++) {
            if (UnreadBytes.mayBeIn(contexts.get(i).handler())) {
                return i > 0 ? contexts.get(i - 1) : channel.pipeline().firstContext();
            }
        }
        return null;
    }

    /** Asks the handlers whether the connection may move; {@code retry} is what one that says "not now" keeps. */
    public HandlerDecisions ask(Runnable retry) {
        return HandlerDecisions.of(movable, options.isRestored(), retry);
    }

    /**
     * Why the connection cannot move now, with all reasons that are known; null if it can. Unless it never can, the
     * handlers that say "not now" prepare for the move; also if something else is in its way, which they may be able to
     * remove.
     *
     * @param retry what a handler that says "not now" keeps
     */
    @Nullable
    public Refusal refusal(Runnable retry) {
        HandlerDecisions decisions = ask(retry);
        List<Refusal> all = refusals(decisions);
        if (Refusal.isNever(all)) {
            return Refusal.all(all);
        }
        List<Refusal> waiting = new ArrayList<>(decisions.prepare());
        if (!waiting.isEmpty()) { // which may be why the fields are not those of new handlers
            add(waiting, changed());
            return Refusal.all(waiting);
        }
        return all.isEmpty() ? new AnswerCheck(channel, options).refusal(retry) : Refusal.all(all);
    }

    /** All that can be said before anybody prepares for a move: what does not change, and the handlers' fields. */
    public List<Refusal> refusals(HandlerDecisions decisions) {
        List<Refusal> all = new ArrayList<>(2);
        if (!(channel instanceof UnixChannel && channel instanceof DuplexChannel)) {
            all.add(Refusal.never(
                    "a " + StringUtil.simpleClassName(channel) + " has no descriptor that can be passed"));
            return all;
        }
        decoders.clear();
        add(all, options.isRestored() ? refusalOfStates() : null);
        add(all, changed());
        contexts.forEach(context -> add(all, refusalOf(context)));
        all.addAll(decisions.never());
        return all;
    }

    private static void add(List<Refusal> all, @Nullable Refusal refusal) {
        if (refusal != null) {
            all.add(refusal);
        }
    }

    private @Nullable Refusal refusalOf(ChannelHandlerContext context) {
        ChannelHandler handler = context.handler();
        if (handler instanceof OwnHandler) {
            if (handler instanceof BytesHold) {
                decoders.add(handler);
            }
            return null;
        }
        if (!context.executor().equals(channel.eventLoop())) {
            return Refusal.never(named(context) + " runs on an executor of its own");
        }
        Refusal refusal = check.refusal(context, handler instanceof MovableHandler || isVouchedFor(handler));
        if (refusal == null && UnreadBytes.mayBeIn(handler)) {
            refusal = decodes(context);
        }
        if (refusal == null && !options.isAtBoundary(handler)) {
            return Refusal.later(named(context) + " is not at a boundary");
        }
        return refusal;
    }

    private boolean isVouchedFor(ChannelHandler handler) {
        return movable.stream().anyMatch(context -> ((MovableHandler) context.handler()).vouchesFor(handler));
    }

    /** One that stands behind another must pass raw bytes on or be empty, which somebody has to know. */
    private @Nullable Refusal decodes(ChannelHandlerContext context) {
        boolean isFirst = decoders.stream().allMatch(BytesHold.class::isInstance);
        if (!isFirst && !isVouchedFor(context.handler())) {
            String reason = named(context) + " is the second handler that decodes bytes";
            return options.rebuilds() ? Refusal.later(reason) : Refusal.never(reason); // the first one may go
        }
        decoders.add(context.handler());
        return null;
    }

    private @Nullable Refusal refusalOfStates() {
        List<String> names = stateful().stream()
                .map(context -> ((MovableHandler) context.handler()).stateName())
                .toList();
        if (names.size() + options.attributes().size() > MessageLimits.STATES) {
            return Refusal.never(names.size() + " handlers save a state (at most " + MessageLimits.STATES + ')');
        }
        for (String name : names) {
            String objection = MessageLimits.objectionToName(name);
            if (objection != null) {
                return Refusal.never("a handler's stateName(): " + objection);
            }
        }
        return names.stream().distinct().count() == names.size()
                ? null
                : Refusal.never("two handlers save their state under one name");
    }

    private @Nullable Refusal changed() {
        TrackedConnection connection = TrackedConnection.of(channel);
        boolean isRebuilt = options.rebuilds() || MovableHandlers.isRebuiltBy(channel.pipeline());
        String difference = connection == null || isRebuilt ? null : connection.changed();
        return difference == null ? null : Refusal.later(difference);
    }

    private static String named(ChannelHandlerContext context) {
        return StringUtil.simpleClassName(context.handler());
    }
}
