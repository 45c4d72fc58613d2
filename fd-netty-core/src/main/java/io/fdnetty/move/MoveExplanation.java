package io.fdnetty.move;

import java.util.ArrayList;
import java.util.List;

/**
 * Whether a connection would move now, what would move with it, and everything that is in its way, with the line to
 * add.
 *
 * @param kind what the author called this kind of connection; empty for one of no kind that can move
 * @param never what keeps it in this process for good
 * @param notNow what keeps it at this moment
 * @param along the states and attributes that move along, and the connections that are linked to it
 * @param behind what is set and stays behind: attributes of the channel that no {@link MoveOptions#attribute} declares
 */
public record MoveExplanation(
        String kind, List<String> never, List<String> notNow, List<String> along, List<String> behind) {
    public MoveExplanation {
        never = List.copyOf(never);
        notNow = List.copyOf(notNow);
        along = List.copyOf(along);
        behind = List.copyOf(behind);
    }

    /** Whether it would move if it were asked to now. */
    public boolean movesNow() {
        return never.isEmpty() && notNow.isEmpty();
    }

    /** Whether it can move at some time. */
    public boolean canMove() {
        return never.isEmpty();
    }

    @Override
    public String toString() {
        List<String> parts = new ArrayList<>();
        parts.add(kind.isEmpty() ? "a connection of no kind" : kind);
        parts.add(movesNow() ? "moves" : canMove() ? "does not move now" : "does not move");
        add(parts, "because ", never);
        add(parts, canMove() ? "because " : "besides ", notNow);
        add(parts, "with ", along);
        add(parts, "without ", behind);
        return String.join(": ", parts);
    }

    private static void add(List<String> parts, String word, List<String> what) {
        if (!what.isEmpty()) {
            parts.add(word + String.join("; ", what));
        }
    }
}
