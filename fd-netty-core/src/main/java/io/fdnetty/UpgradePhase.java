package io.fdnetty;

/**
 * A phase of an upgrade, as the incumbent or the successor goes through it. {@code docs/protocol.md} says what each of
 * them does there.
 */
public enum UpgradePhase {
    /** Nothing has begun. */
    IDLE("Idle"),
    /** The incumbent waits for the successor to say who it is. */
    AWAIT_HELLO("AwaitHello"),
    /** The incumbent sends listeners and state. */
    SENDING_STATE("SendingState"),
    /** The incumbent waits for the successor to be ready. */
    AWAIT_READY("AwaitReady"),
    /** The incumbent's listeners stop. */
    STOPPING_ACCEPT("StoppingAccept"),
    /** Together: the incumbent's connections stop. */
    STOPPING_CONNECTIONS("StoppingConnections"),
    /** The incumbent sends the state that changes last. */
    SENDING_FINAL_STATE("SendingFinalState"),
    /** The incumbent tells the successor to accept. */
    CUTTING_OVER("CuttingOver"),
    /** The incumbent's connections move. */
    MOVING("Moving"),
    /** The incumbent waits for the successor to take the role. */
    AWAIT_COMPLETE("AwaitComplete"),
    /** The successor is the server; the incumbent ends what stayed. */
    DRAINING("Draining"),
    /** The incumbent takes back what the successor did not acknowledge. */
    REVOKING("Revoking"),
    /** The successor waits to be let in. */
    AWAIT_WELCOME("AwaitWelcome"),
    /** The successor receives listeners and state. */
    RECEIVING_STATE("ReceivingState"),
    /** The successor's author sets the server up. */
    OFFERED("Offered"),
    /** The successor is ready, and the final state arrives. */
    AWAIT_CUTOVER("AwaitCutover"),
    /** The successor accepts, and connections arrive. */
    RECEIVING("Receiving"),
    /** Together: all connections have arrived and are set up. */
    JOINING("Joining"),
    /** The successor takes the role. */
    COMPLETING("Completing"),
    /** The successor is the server, and late connections arrive. */
    SERVING("Serving"),
    /** The control socket is lost; the successor reads what is in it. */
    READING_OUT("ReadingOut"),
    /** The successor waits to learn whether the incumbent lives. */
    AWAIT_LIFELINE("AwaitLifeline"),
    /** The incumbent is dead; the successor finishes without it. */
    ALONE("Alone"),
    /** The upgrade is over. */
    ENDED("Ended");

    private final String label;

    UpgradePhase(String label) {
        this.label = label;
    }

    /** What {@code docs/protocol.md}, logs and Flight Recorder events call it. */
    public String label() {
        return label;
    }

    @Override
    public String toString() {
        return label;
    }
}
