package io.fdnetty.testsuite.chaos;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * The strikes of one run: a pure function of the seed and the number of connections.
 *
 * <p>The faults come in decks, each of which holds every fault once: so they are all there after as many upgrades.
 * Immutable.
 */
final class StrikePlan {
    private static final long STEP = 0x9E3779B97F4A7C15L;
    private static final int MOST_IDLE_MILLIS = 300;
    private static final int MOST_DELAY_MILLIS = 25;
    private static final int MOST_OCCASIONS_OF_FRAMES = 2;

    private final long seed;
    private final int connections;

    StrikePlan(long seed, int connections) {
        this.seed = seed;
        this.connections = connections;
    }

    /** @param number of the upgrade, counted from 1 */
    Strike strike(int number) {
        int kinds = Fault.values().length;
        Fault fault = deck((number - 1) / kinds).get((number - 1) % kinds);
        Random random = new Random(seed + number * STEP);
        String moment = fault.moments().isEmpty()
                ? ""
                : fault.moments().get(random.nextInt(fault.moments().size()));
        int nth = 1 + random.nextInt(occasions(moment));
        int delay = moment.isEmpty() || random.nextBoolean() ? 0 : 1 + random.nextInt(MOST_DELAY_MILLIS);
        int millis = fault.leastMillis() + random.nextInt(fault.mostMillis() - fault.leastMillis() + 1);
        return new Strike(number, fault, moment, nth, delay, millis, random.nextInt(MOST_IDLE_MILLIS));
    }

    private List<Fault> deck(int number) {
        List<Fault> deck = new ArrayList<>(List.of(Fault.values()));
        Collections.shuffle(deck, new Random(seed * STEP + number));
        return deck;
    }

    /** How often a moment comes in an upgrade, at least. */
    private int occasions(String moment) {
        return switch (moment) {
            case "save", "restore", "start", "left" -> connections;
            case "incumbent.SendUnits", "incumbent.ReleaseUnits", "successor.Adopt", "successor.SendAdopted" ->
                MOST_OCCASIONS_OF_FRAMES;
            default -> 1;
        };
    }
}
