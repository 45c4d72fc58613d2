package io.fdnetty.move;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * What a {@link MovableHandler} decides on a move of its connection: yes, not now, or never.
 *
 * <p>Immutable. The reasons stand in reports and in logs: a few words without a full stop.
 */
public final class MoveDecision {
    private static final MoveDecision YES = new MoveDecision(Answer.YES, "", null);

    private enum Answer {
        YES,
        NOT_NOW,
        NEVER
    }

    private final Answer answer;
    private final String reason;
    private final @Nullable Runnable preparation;

    private MoveDecision(Answer answer, String reason, @Nullable Runnable preparation) {
        this.answer = answer;
        this.reason = requireNonNull(reason, "reason");
        this.preparation = preparation;
    }

    /** The connection is at a point where it can move. */
    public static MoveDecision yes() {
        return YES;
    }

    /**
     * The connection can move later. It is asked again after {@code retry} was run, and from time to time.
     *
     * @param reason what it waits for; may be empty
     */
    public static MoveDecision notNow(String reason) {
        return new MoveDecision(Answer.NOT_NOW, reason, null);
    }

    /**
     * The connection can move later, and this handler can do something about it.
     *
     * @param preparation brings the moment about, by holding back what would begin next, say. It runs on the event
     *     loop, at once, and only if the connection is going to wait: not if another handler says never, or if nobody
     *     wants a move
     */
    public static MoveDecision notNow(String reason, Runnable preparation) {
        return new MoveDecision(Answer.NOT_NOW, reason, requireNonNull(preparation, "preparation"));
    }

    /**
     * The connection cannot move, now or later: it drains, and the author is told the reason.
     *
     * <p>A handler need not say so because its kind is not {@linkplain MoveOptions#restored() restored}: whoever has a
     * {@link MovableHandler#stateVersion} stays there anyway.
     */
    public static MoveDecision never(String reason) {
        return new MoveDecision(Answer.NEVER, reason, null);
    }

    public boolean isYes() {
        return answer == Answer.YES;
    }

    public boolean isNever() {
        return answer == Answer.NEVER;
    }

    /** Empty after a yes. */
    public String reason() {
        return reason;
    }

    /** Runs what {@link #notNow(String, Runnable)} was given; does nothing for other decisions. */
    public void prepare() {
        if (preparation != null) {
            preparation.run();
        }
    }

    @Override
    public String toString() {
        return reason.isEmpty() ? answer.toString() : answer + ": " + reason;
    }
}
