package io.fdnetty.fuzz;

import io.fdnetty.channel.Lifeline;
import io.fdnetty.internal.machine.Deadline;

/**
 * The successor's machine and an arbitrary incumbent: any message at any time, deadlines, failing writes and the
 * life-line in any order. The successor never trips over it, ends once its peer is gone or silent, starts no connection
 * that it has not acknowledged, and each connection is started, given back or refused.
 */
public final class SuccessorMachineFuzz {
    private static final Deadline[] WAITS = Deadline.values();
    private static final Lifeline.Word[] WORDS = Lifeline.Word.values();
    private static final int MOST_STEPS = 80;

    private SuccessorMachineFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) {
        FuzzInput input = new FuzzInput(data);
        Tokens tokens = new Tokens();
        PeerMessages messages = new PeerMessages(input, tokens);
        SuccessorWorld world = new SuccessorWorld();
        int manner = input.u8();
        boolean gone = false;
        while (!input.isEmpty() && !world.isOver()) {
            gone = step(input.u8(), input, messages, world, gone);
        }
        end(world, manner, gone);
        world.assertSettled();
        tokens.assertAllClosed();
    }

    /** One thing that happens; true if the socket has ended. */
    private static boolean step(int op, FuzzInput input, PeerMessages messages, SuccessorWorld world, boolean gone) {
        int argument = op >> 3;
        switch (op & 7) {
            case 0, 1, 2 -> {
                if (!gone) {
                    world.received(messages.next(argument));
                }
            }
            case 3 -> world.write(argument != 31);
            case 4 -> world.author(argument != 31);
            case 5 -> world.adopt(1 + (argument & 7), (argument & 24) != 24);
            case 6 -> trouble(argument, input, world);
            default -> {
                if (argument == 31 && !gone) {
                    world.socketEnded();
                    return true;
                }
                world.lifeline(WORDS[argument % WORDS.length]);
            }
        }
        return gone;
    }

    private static void trouble(int what, FuzzInput input, SuccessorWorld world) {
        switch (what & 7) {
            case 0 -> world.deadline(WAITS[input.below(WAITS.length)]);
            case 1 -> world.unreadable();
            case 2 -> world.sectionFails();
            case 3 -> world.refuse();
            default -> world.runningDeadline();
        }
    }

    /** The peer is gone, or says nothing any more: then the deadlines and the successor's own steps must end it. */
    private static void end(SuccessorWorld world, int manner, boolean gone) {
        boolean silent = (manner & 1) != 0;
        boolean socketEnded = gone;
        for (int i = 0; i < MOST_STEPS && !world.isOver(); i++) {
            if (!socketEnded && (!silent || world.isShut())) {
                socketEnded = true;
                world.socketEnded();
            } else if (!world.adopt(2, (manner & 2) != 0)
                    && !world.write((manner & 4) != 0)
                    && !world.lifeline(WORDS[(manner >> 4) % WORDS.length])
                    && !world.author((manner & 8) != 0)
                    && !world.runningDeadline()
                    && !socketEnded
                    && world.isServing()) {
                socketEnded = true;
                world.socketEnded();
            }
        }
    }
}
