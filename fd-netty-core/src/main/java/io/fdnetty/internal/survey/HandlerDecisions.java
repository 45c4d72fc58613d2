package io.fdnetty.internal.survey;

import static java.util.Objects.requireNonNull;

import io.fdnetty.internal.gate.Refusal;
import io.fdnetty.internal.handler.StateMisuse;
import io.fdnetty.move.MovableHandler;
import io.fdnetty.move.MoveDecision;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.internal.StringUtil;
import java.util.ArrayList;
import java.util.List;

/** What the {@link MovableHandler}s of one pipeline decide on a move, each asked once. Event loop only. */
public final class HandlerDecisions {
    private record Waiting(ChannelHandlerContext context, MoveDecision decision) {}

    private final List<Refusal> never = new ArrayList<>(0);
    private final List<Waiting> waiting = new ArrayList<>(1);

    private HandlerDecisions() {}

    /**
     * Asks these handlers.
     *
     * @param restored whether their states move along
     * @param retry what a handler that says "not now" keeps
     */
    static HandlerDecisions of(List<ChannelHandlerContext> movable, boolean restored, Runnable retry) {
        HandlerDecisions decisions = new HandlerDecisions();
        movable.forEach(context -> decisions.ask(context, restored, retry));
        return decisions;
    }

    private void ask(ChannelHandlerContext context, boolean restored, Runnable retry) {
        try {
            MovableHandler handler = (MovableHandler) context.handler();
            MoveDecision decision = requireNonNull(handler.mayMove(context, retry), "mayMove returned null");
            String misuse = decision.isNever() ? decision.reason() : StateMisuse.in(handler, restored);
            if (misuse != null) {
                never.add(Refusal.never(misuse));
            } else if (!decision.isYes()) {
                waiting.add(new Waiting(context, decision));
            }
        } catch (Throwable e) { // or nobody would let the connection go on
            never.add(failed(context, e));
        }
    }

    private static Refusal failed(ChannelHandlerContext context, Throwable cause) {
        return Refusal.never(named(context) + " failed when asked: " + cause);
    }

    /** Why the connection never moves, as far as handlers decide that. */
    public List<Refusal> never() {
        return never;
    }

    /**
     * The connection is going to wait: lets the handlers that say "not now" prepare for that, and returns their
     * reasons.
     */
    public List<Refusal> prepare() {
        return waiting.stream().map(HandlerDecisions::prepare).toList();
    }

    private static Refusal prepare(Waiting handler) {
        ChannelHandlerContext context = handler.context;
        try {
            handler.decision.prepare();
        } catch (Throwable e) {
            return failed(context, e);
        }
        String reason = handler.decision.reason();
        return Refusal.whenTold(named(context) + " says not now" + (reason.isEmpty() ? "" : ": " + reason));
    }

    private static String named(ChannelHandlerContext context) {
        return StringUtil.simpleClassName(context.handler());
    }
}
