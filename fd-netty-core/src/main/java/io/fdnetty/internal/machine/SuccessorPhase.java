package io.fdnetty.internal.machine;

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

    /**
     * We accept; connections arrive.
     *
     * @param accepting false if CUTOVER was found in a socket that had been lost before, and where all move together
     */
    record Receiving(boolean accepting) implements SuccessorPhase {}

    /** Together: all units are here; the last ones are being adopted. */
    record Joining() implements SuccessorPhase {}

    /**
     * COMPLETE is on its way; connections still arrive.
     *
     * @param accepting false together: nobody accepts, every unit is held, and none arrives
     */
    record Completing(boolean accepting) implements SuccessorPhase {}

    /** We are the server; late movers arrive. */
    record Serving() implements SuccessorPhase {}

    /**
     * Nothing more is sent; what is in the control socket is read to its end as if nothing had happened, and every write is waited
     * for.
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
            String step,
            String reason,
            boolean completing,
            boolean peerEnded,
            boolean faulty,
            boolean shut)
            implements SuccessorPhase {}

    /**
     * All is read and written that can be; the life-line decides who owns the rest.
     *
     * @param live where we would be if the socket had not been lost
     * @param step the phase in which it was lost
     */
    record AwaitLifeline(SuccessorPhase live, String step, String reason) implements SuccessorPhase {}

    /**
     * The incumbent is dead; we wait for our own author or for units that are still being adopted.
     *
     * @param ready whether the author is ready
     */
    record Alone(boolean ready, SuccessorOutcome outcome) implements SuccessorPhase {}

    /** Over. */
    record Ended(SuccessorOutcome outcome) implements SuccessorPhase {}
}
