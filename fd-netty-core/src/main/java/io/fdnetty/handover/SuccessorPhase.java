package io.fdnetty.handover;

/** Where a {@link SuccessorMachine} is. */
public sealed interface SuccessorPhase extends Phase {
    /** Not connected. */
    record Idle() implements SuccessorPhase {}

    /** HELLO is out. */
    record AwaitWelcome() implements SuccessorPhase {}

    /**
     * Listeners and state arrive.
     *
     * @param listeners whether LISTENERS came
     */
    record ReceivingState(boolean listeners) implements SuccessorPhase {}

    /** The author sets the server up. */
    record Offered() implements SuccessorPhase {}

    /** READY is out; the final state arrives. */
    record AwaitCutover() implements SuccessorPhase {}

    /** We accept; connections arrive. */
    record Receiving() implements SuccessorPhase {}

    /** COMPLETE is on its way; connections still arrive. */
    record Completing() implements SuccessorPhase {}

    /** We are the server; late movers arrive. */
    record Serving() implements SuccessorPhase {}

    /**
     * Nothing more is sent; what is in the control socket is read to its end, and every write is waited for.
     *
     * @param step the phase that ended
     * @param stake what we hold
     * @param completing whether the write of COMPLETE is undecided
     * @param peerEnded whether all is read
     * @param faulty whether what is still read is not to be trusted
     */
    record ReadingOut(String step, String reason, Stake stake, boolean completing, boolean peerEnded, boolean faulty)
            implements SuccessorPhase {}

    /** All is read and written that can be; the life-line decides who owns the rest. */
    record AwaitLifeline(String step, String reason, Stake stake) implements SuccessorPhase {}

    /**
     * The incumbent is dead; we wait for our own author or for units that are still being adopted.
     *
     * @param ready whether the author is ready
     */
    record Alone(boolean ready, SuccessorOutcome outcome) implements SuccessorPhase {}

    /** Over. */
    record Ended(SuccessorOutcome outcome) implements SuccessorPhase {}

    /** What the successor holds of the role. */
    enum Stake {
        /** Nothing. */
        NOTHING,
        /** The listeners, but its author is not ready. */
        LISTENERS,
        /** The listeners, and its author is ready. */
        READY,
        /** It accepts. */
        ACCEPTING,
        /** Its COMPLETE is written: the role is its own. */
        SERVER
    }
}
