package io.fdnetty.internal.survey;

import io.fdnetty.internal.connection.TrackedConnection;
import io.fdnetty.internal.gate.AnswerGuard;
import io.fdnetty.internal.gate.Refusal;
import io.fdnetty.internal.handler.GuardPlace;
import io.fdnetty.move.MoveOptions;
import io.netty.channel.Channel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whether a connection still owes answers, which its old process alone could give. Event loop only. */
public final class AnswerCheck {
    private static final String UNTOLD = "it cannot be told whether messages wait for an answer (";
    private static final String DECLARE = "): say MoveOptions.answersOnLoop() if answers are written before channelRead"
            + " returns, oneWay() if there are none, or idleWhen(...)";
    private static final String INCONCLUSIVE =
            UNTOLD + "its handlers write unasked, or several times for a message" + DECLARE;
    private static final String UNGUARDED = UNTOLD + "its handlers changed since the pipeline was built" + DECLARE;

    private final Channel channel;
    private final MoveOptions options;

    public AnswerCheck(Channel channel, MoveOptions options) {
        this.channel = channel;
        this.options = options;
    }

    /**
     * Why it cannot move now; null if it owes nothing. If it must wait it takes in no more, for a while.
     *
     * @param now run when nothing waits any more
     */
    @Nullable
    Refusal refusal(Runnable now) {
        Refusal refusal = refusal();
        if (refusal != null && refusal.when() != Refusal.When.NEVER && !isUnguarded()) {
            AnswerGuard guard = guard();
            if (guard != null) {
                guard.whenSettled(now);
            }
            pauseIntake();
        }
        return refusal;
    }

    /** Adds why it cannot move now, if it cannot. */
    public void add(List<Refusal> all) {
        Refusal refusal = refusal();
        if (refusal != null) {
            all.add(refusal);
        }
    }

    private @Nullable Refusal refusal() {
        Refusal author = askAuthor();
        AnswerGuard guard = guard();
        if (author != null || GuardPlace.in(channel.pipeline(), options) == null) {
            return author;
        }
        if (guard == null || isUnguarded()) {
            return Refusal.later(UNGUARDED);
        }
        if (!guard.isConclusive()) {
            return Refusal.never(INCONCLUSIVE);
        }
        return guard.waiting() == 0 ? null : Refusal.whenTold(waiting(guard.waiting()));
    }

    private @Nullable AnswerGuard guard() {
        return channel.pipeline().get(AnswerGuard.class);
    }

    private boolean isUnguarded() {
        return options.countsAnswers() && !GuardPlace.isGuarded(channel.pipeline());
    }

    private @Nullable Refusal askAuthor() {
        try {
            if (options.isIdle(channel)) {
                return null;
            }
        } catch (Throwable e) { // or nobody would let the connection go on
            return Refusal.never("the predicate of MoveOptions.idleWhen failed when asked: " + e);
        }
        return Refusal.later("the predicate of MoveOptions.idleWhen says not now");
    }

    private void pauseIntake() {
        TrackedConnection connection = TrackedConnection.of(channel);
        if (connection != null) {
            connection.pauseIntake();
        }
    }

    private static String waiting(int messages) {
        String what = messages == 1 ? "1 message waits" : messages + " messages wait";
        return what + " for an answer (if none is to come: MoveOptions.oneWay(), or idleWhen(...))";
    }
}
