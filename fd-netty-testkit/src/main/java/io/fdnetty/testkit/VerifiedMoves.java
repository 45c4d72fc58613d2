package io.fdnetty.testkit;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Where in a conversation connections moved, and where they did not: a position is the number of bytes that the client
 * had sent.
 *
 * @param moved the positions at which the connection moved, and its client noticed nothing
 * @param stayed why the connection did not move at the other positions; its client noticed nothing either
 */
public record VerifiedMoves(List<Integer> moved, Map<Integer, String> stayed) {
    /** Copies what it is given. */
    public VerifiedMoves {
        moved = List.copyOf(moved);
        stayed = Map.copyOf(stayed);
    }

    /** Fails if the connection did not move at each position, with the reasons. */
    public void assertMovedEverywhere() {
        if (!stayed.isEmpty()) {
            throw new AssertionError("the connection moves at " + moved.size() + " positions, and not at " + reasons());
        }
    }

    /** Each reason once, with its positions. */
    String reasons() {
        return stayed.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .collect(Collectors.groupingBy(
                        Map.Entry::getValue,
                        LinkedHashMap::new,
                        Collectors.mapping(Map.Entry::getKey, Collectors.toList())))
                .entrySet()
                .stream()
                .map(reason -> reason.getValue() + ": " + reason.getKey())
                .collect(Collectors.joining("\n  ", "\n  ", ""));
    }
}
