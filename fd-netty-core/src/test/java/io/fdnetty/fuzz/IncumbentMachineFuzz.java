package io.fdnetty.fuzz;

import io.fdnetty.internal.machine.Deadline;

/**
 * The incumbent's machine and an arbitrary successor: any message at any time, deadlines, failures and the end of the
 * socket in any order. The incumbent never trips over it, ends once its peer is gone or silent, and each connection has
 * exactly one owner.
 */
public final class IncumbentMachineFuzz {
    private static final Deadline[] WAITS = Deadline.values();
    private static final int MOST_STEPS = 60;

    private IncumbentMachineFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) {
        FuzzInput input = new FuzzInput(data);
        Tokens tokens = new Tokens();
        PeerMessages messages = new PeerMessages(input, tokens);
        int manner = input.u8();
        IncumbentWorld world = new IncumbentWorld((manner & 2) != 0);
        boolean gone = false;
        while (!input.isEmpty() && !gone) {
            gone = step(input.u8(), input, messages, world);
        }
        end(world, (manner & 1) != 0 && !gone, gone);
        world.assertSettled();
        tokens.assertAllClosed();
    }

    /** One thing that happens; true if the socket has ended. */
    private static boolean step(int op, FuzzInput input, PeerMessages messages, IncumbentWorld world) {
        switch (op & 7) {
            case 0, 1, 2 -> world.received(messages.next(op >> 3));
            case 3 -> own(op >> 3, world);
            case 4 -> world.capture(input.u8());
            case 5 -> world.progress();
            case 6 -> trouble(op >> 3, input, world);
            default -> {
                if (op >> 3 == 31) {
                    world.socketEnded();
                    return true;
                }
                world.runningDeadline();
            }
        }
        return false;
    }

    private static void own(int index, IncumbentWorld world) {
        if (!world.underWay.isEmpty()) {
            world.finish(index, true);
        }
    }

    private static void trouble(int what, FuzzInput input, IncumbentWorld world) {
        switch (what & 3) {
            case 0 -> world.deadline(WAITS[input.below(WAITS.length)]);
            case 1 -> cancelOrStop(what >> 2, world);
            case 2 -> world.unreadable();
            default -> {
                if (!world.underWay.isEmpty()) {
                    world.finish(input.u8(), false);
                }
            }
        }
    }

    private static void cancelOrStop(int which, IncumbentWorld world) {
        if ((which & 1) == 0) {
            world.cancel();
        } else {
            world.stop();
        }
    }

    /** The peer is gone, or says nothing any more: then the deadlines and the incumbent's own steps must end it. */
    private static void end(IncumbentWorld world, boolean silent, boolean gone) {
        boolean socketEnded = gone;
        for (int i = 0; i < MOST_STEPS && !(world.isEnded() && world.underWay.isEmpty()); i++) {
            if (!socketEnded && (!silent || world.isRevoked())) {
                socketEnded = true;
                world.socketEnded();
            } else if (gone && world.isRevoked() && !world.isEnded()) {
                world.socketEnded();
            } else if (!world.underWay.isEmpty()) {
                world.finish(0, true);
            } else if (!world.progress()) {
                world.runningDeadline();
            }
            gone |= socketEnded;
        }
    }
}
