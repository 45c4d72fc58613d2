package io.fdnetty.internal.machine;

import io.fdnetty.UpgradePhase;

/** Where an {@link IncumbentMachine} is. */
public sealed interface IncumbentPhase extends Phase {
    /** Not begun. */
    record Idle() implements IncumbentPhase {
        @Override
        public UpgradePhase upgradePhase() {
            return UpgradePhase.IDLE;
        }
    }

    /** A peer has connected and has not said who it is. */
    record AwaitHello() implements IncumbentPhase {
        @Override
        public UpgradePhase upgradePhase() {
            return UpgradePhase.AWAIT_HELLO;
        }
    }

    /** WELCOME is out; listeners and state follow. */
    record SendingState() implements IncumbentPhase {
        @Override
        public UpgradePhase upgradePhase() {
            return UpgradePhase.SENDING_STATE;
        }
    }

    /** OFFER is out; the successor's author sets it up. */
    record AwaitReady() implements IncumbentPhase {
        @Override
        public UpgradePhase upgradePhase() {
            return UpgradePhase.AWAIT_READY;
        }
    }

    /** READY came; our listeners stop. */
    record StoppingAccept() implements IncumbentPhase {
        @Override
        public UpgradePhase upgradePhase() {
            return UpgradePhase.STOPPING_ACCEPT;
        }
    }

    /** Together: nobody accepts; every connection that can move is stopped. */
    record StoppingConnections() implements IncumbentPhase {
        @Override
        public UpgradePhase upgradePhase() {
            return UpgradePhase.STOPPING_CONNECTIONS;
        }
    }

    /** Nobody accepts; what changes last is taken and sent. Together: no connection that moves runs either. */
    record SendingFinalState() implements IncumbentPhase {
        @Override
        public UpgradePhase upgradePhase() {
            return UpgradePhase.SENDING_FINAL_STATE;
        }
    }

    /**
     * CUTOVER is on its way: the successor may accept at any moment. Together: it accepts after its COMPLETE.
     *
     * @param completed whether COMPLETE came already
     */
    record CuttingOver(boolean completed) implements IncumbentPhase {
        @Override
        public UpgradePhase upgradePhase() {
            return UpgradePhase.CUTTING_OVER;
        }
    }

    /** The successor accepts; connections move. Never together. */
    record Moving() implements IncumbentPhase {
        @Override
        public UpgradePhase upgradePhase() {
            return UpgradePhase.MOVING;
        }
    }

    /** FINISHED is out. Late movers still go. Together: all units are in doubt. */
    record AwaitComplete() implements IncumbentPhase {
        @Override
        public UpgradePhase upgradePhase() {
            return UpgradePhase.AWAIT_COMPLETE;
        }
    }

    /**
     * The successor is the server; late movers still go, but not together.
     *
     * @param finished whether FINISHED is out (the successor may have taken the role before)
     */
    record Draining(boolean finished) implements IncumbentPhase {
        @Override
        public UpgradePhase upgradePhase() {
            return UpgradePhase.DRAINING;
        }
    }

    /**
     * The upgrade is over; the successor's last words are being read, because they decide who owns what.
     *
     * @param step the phase that ended
     * @param accepting what is to become of our listeners
     */
    record Revoking(UpgradePhase step, String reason, Accepting accepting) implements IncumbentPhase {
        @Override
        public UpgradePhase upgradePhase() {
            return UpgradePhase.REVOKING;
        }
    }

    /** Over. */
    record Ended(IncumbentOutcome outcome) implements IncumbentPhase {
        @Override
        public UpgradePhase upgradePhase() {
            return UpgradePhase.ENDED;
        }
    }

    /** Our listeners while we revoke. */
    enum Accepting {
        /** They never stopped. */
        NEVER_STOPPED,
        /** They stopped and the successor was not told to accept: they are ours. */
        STOPPED,
        /** The successor was told to accept: they are ours unless COMPLETE is in the queue. */
        CUT_OVER,
        /** COMPLETE came: they are the successor's. */
        HANDED_OVER
    }
}
