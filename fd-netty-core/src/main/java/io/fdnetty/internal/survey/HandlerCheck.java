package io.fdnetty.internal.survey;

import io.fdnetty.internal.connection.TrackedConnection;
import io.fdnetty.internal.gate.Refusal;
import io.fdnetty.internal.handler.Advice;
import io.fdnetty.internal.handler.BuiltPipeline;
import io.fdnetty.internal.handler.FieldCheck;
import io.fdnetty.internal.handler.FieldSnapshot;
import io.fdnetty.internal.handler.FreshHandlers;
import io.fdnetty.internal.handler.HandlerRule;
import io.fdnetty.internal.handler.HandlerRules;
import io.fdnetty.internal.handler.KnownHandlers;
import io.fdnetty.internal.handler.MovableHandlers;
import io.fdnetty.internal.handler.Verdict;
import io.fdnetty.internal.netty.Fields;
import io.fdnetty.move.MovableHandler;
import io.fdnetty.move.MoveOptions;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;

/**
 * Whether one handler could be replaced by a fresh one now, by the {@linkplain KnownHandlers verdict} on its class or
 * by {@linkplain FreshHandlers comparison}. Event loop only.
 */
final class HandlerCheck {
    private final Channel channel;
    private final MoveOptions options;

    HandlerCheck(Channel channel, MoveOptions options) {
        this.channel = channel;
        this.options = options;
    }

    /**
     * Why not; null if it could.
     *
     * @param vouched whether a {@link MovableHandler} answers for it, or it is one
     */
    @Nullable
    Refusal refusal(ChannelHandlerContext context, boolean vouched) {
        try {
            for (ChannelHandler part : FreshHandlers.partsOf(context.handler())) {
                Refusal refusal = refusalOf(part, vouched, vouched || options.isDeclared(context.handler()));
                if (refusal != null) {
                    return refusal;
                }
            }
            return null;
        } catch (Fields.InaccessibleException e) {
            return vouched ? null : Refusal.never(named(context.handler()) + ": " + e.getMessage());
        }
    }

    private @Nullable Refusal refusalOf(ChannelHandler handler, boolean vouched, boolean declared) {
        HandlerRule rule = HandlerRules.of(handler.getClass());
        if (handler.getClass().getName().startsWith(KnownHandlers.TLS)) {
            return Refusal.never("TLS connections are not moved yet (" + named(handler) + ')');
        }
        if (rule.known() == Verdict.STAYS) {
            return declared ? null : Refusal.never(Advice.onStaying(handler.getClass()));
        }
        Refusal refusal = vouched && rule.known() != Verdict.ANY_BYTE ? null : refusalByChecks(handler, rule);
        boolean isCompared = rule.isCompared() && !declared && !HandlerRules.isShared(handler);
        return refusal == null && isCompared ? refusalByComparison(handler) : refusal;
    }

    private static @Nullable Refusal refusalByChecks(ChannelHandler handler, HandlerRule rule) {
        for (FieldCheck check : rule.checks()) {
            if (!check.isFresh(handler)) {
                return Refusal.later(check.isOfDiscarding() ? discarding(handler) : inMessage(handler, check));
            }
        }
        return null;
    }

    private static String discarding(ChannelHandler handler) {
        return named(handler) + " is discarding a frame that was too long";
    }

    private static String inMessage(ChannelHandler handler, FieldCheck check) {
        return named(handler) + " is in the middle of a message (" + check.path() + " is " + check.value(handler) + ')';
    }

    private @Nullable Refusal refusalByComparison(ChannelHandler handler) {
        TrackedConnection connection = TrackedConnection.of(channel);
        if (connection == null) {
            return null;
        }
        FieldSnapshot.Difference difference = connection.initializer().fresh().difference(handler, channel);
        return difference == null || isOfPipeline(difference) ? null : Advice.onDifference(handler, difference);
    }

    /** Whether it is that of the {@linkplain BuiltPipeline whole pipeline}, which is refused or declared as such. */
    private boolean isOfPipeline(FieldSnapshot.Difference difference) {
        return difference.kind() == FieldSnapshot.Kind.LATECOMER && !MovableHandlers.isRebuiltBy(channel.pipeline());
    }

    private static String named(ChannelHandler handler) {
        return Advice.nameOf(handler.getClass());
    }
}
