package io.fdnetty.internal.machine;

import io.fdnetty.UpgradePhase;

/** Where a {@link SuccessorMachine} is. */
public sealed interface SuccessorPhase extends Phase {
    /** Not connected. */
    record Idle() implements SuccessorPhase {
        @Override
        public UpgradePhase upgradePhase() {
            return UpgradePhase.IDLE;
        }
    }

    /** HELLO is out. */
    record AwaitWelcome() implements SuccessorPhase {
        @Override
        public UpgradePhase upgradePhase() {
            return UpgradePhase.AWAIT_WELCOME;
        }
    }

    /**
     * Listeners and state arrive.
     *
     * @param listeners whether LISTENERS came
     */
    record ReceivingState(boolean listeners) implements SuccessorPhase {
        @Override
        public UpgradePhase upgradePhase() {
            return UpgradePhase.RECEIVING_STATE;
        }
    }

    /** The author sets the server up. */
    record Offered() implements SuccessorPhase {
        @Override
        public UpgradePhase upgradePhase() {
            return UpgradePhase.OFFERED;
        }
    }

    /** READY is out; the final state arrives. */
    record AwaitCutover() implements SuccessorPhase {
        @Override
        public UpgradePhase upgradePhase() {
            return UpgradePhase.AWAIT_CUTOVER;
        }
    }

    /**
     * We accept; connections arrive.
     *
     * @param accepting false if CUTOVER was found in a socket that had been lost before, and where all move together
     */
    record Receiving(boolean accepting) implements SuccessorPhase {
        @Override
        public UpgradePhase upgradePhase() {
            return UpgradePhase.RECEIVING;
        }
    }

    /** Together: all units are here; the last ones are being adopted. */
    record Joining() implements SuccessorPhase {
        @Override
        public UpgradePhase upgradePhase() {
            return UpgradePhase.JOINING;
        }
    }

    /**
     * COMPLETE is on its way; connections still arrive.
     *
     * @param accepting false together: nobody accepts, every unit is held, and none arrives
     */
    record Completing(boolean accepting) implements SuccessorPhase {
        @Override
        public UpgradePhase upgradePhase() {
            return UpgradePhase.COMPLETING;
        }
    }

    /** We are the server; late movers arrive. */
    record Serving() implements SuccessorPhase {
        @Override
        public UpgradePhase upgradePhase() {
            return UpgradePhase.SERVING;
        }
    }

    /**
     * Nothing more is sent; what is in the control socket is read to its end as if nothing had happened, and every
     * write is waited for.
     *
     * @param live where we would be if the socket had not been lost
     * @param step the phase in which it was lost
     * @param completing whether the write of COMPLETE is undecided
     * @param peerEnded whether all is read
     * @param faulty whether what is still read is not to be trusted
     * @param shut whether we have shut the socket down
     */
    record ReadingOut(
            SuccessorPhase live,
            UpgradePhase step,
            String reason,
            boolean completing,
            boolean peerEnded,
            boolean faulty,
            boolean shut)
            implements SuccessorPhase {
        @Override
        public UpgradePhase upgradePhase() {
            return UpgradePhase.READING_OUT;
        }
    }

    /**
     * All is read and written that can be; the life-line decides who owns the rest.
     *
     * @param live where we would be if the socket had not been lost
     * @param step the phase in which it was lost
     */
    record AwaitLifeline(SuccessorPhase live, UpgradePhase step, String reason) implements SuccessorPhase {
        @Override
        public UpgradePhase upgradePhase() {
            return UpgradePhase.AWAIT_LIFELINE;
        }
    }

    /**
     * The incumbent is dead; we wait for our own author or for units that are still being adopted.
     *
     * @param ready whether the author is ready
     */
    record Alone(boolean ready, SuccessorOutcome outcome) implements SuccessorPhase {
        @Override
        public UpgradePhase upgradePhase() {
            return UpgradePhase.ALONE;
        }
    }

    /** Over. */
    record Ended(SuccessorOutcome outcome) implements SuccessorPhase {
        @Override
        public UpgradePhase upgradePhase() {
            return UpgradePhase.ENDED;
        }
    }
}
