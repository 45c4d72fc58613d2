package io.fdnetty.internal.machine;

import io.fdnetty.internal.protocol.Message;
import java.util.List;

/** What an {@link IncumbentMachine} asks of its driver, in order. */
public sealed interface IncumbentAction permits CommonAction, IncumbentAction.Own {
    /** An action of the incumbent alone. */
    sealed interface Own extends IncumbentAction {}

    /** Make the life-line and send WELCOME with this version and the smaller of both descriptor limits. */
    record SendWelcome(int version, Message.Hello hello) implements Own {}

    /** Send LISTENERS and the state sections that are not final; then report {@link IncumbentEvent.StateSent}. */
    record SendListenersAndState() implements Own {}

    /** Stop accepting and let accepted children register; then report {@link IncumbentEvent.AcceptingStopped}. */
    record StopAccepting() implements Own {}

    /**
     * Capture every connection that can move and report them with {@link IncumbentEvent.UnitsCaptured}, then
     * {@link IncumbentEvent.ConnectionsStopped}.
     */
    record StopConnections() implements Own {}

    /** Take and send the final sections; then report {@link IncumbentEvent.FinalStateSent}. */
    record SendFinalState() implements Own {}

    /**
     * Not together: capture connections as they can move, each batch reported with
     * {@link IncumbentEvent.UnitsCaptured}.
     */
    record MoveConnections() implements Own {}

    /** Write these captured units in CONNECTIONS frames. They are in doubt from now on. */
    record SendUnits(List<Long> ids) implements Own {}

    /** They are the successor's: close our copies silently. */
    record ReleaseUnits(List<Long> ids) implements Own {}

    /** They are ours: serve them again. */
    record ResumeUnits(List<Long> ids, String reason) implements Own {}

    /**
     * Stop sending; write the life-line byte; shut the control socket down in both directions; receive what is in its
     * queue, and when that is read to the end report {@link IncumbentEvent.QueueReadToEnd}. In this order, whatever
     * fails in between: a byte that cannot be written means that the successor is dead.
     */
    record Revoke(String reason) implements Own {}

    /** After {@link StopConnections}: wait no longer for connections that cannot stop now; they stay to drain. */
    record StopWaiting() implements Own {}

    /**
     * Close the life-line without a byte, before the control socket: the successor finds what it finds when this
     * process is dead. What it may own is no longer served here.
     */
    record LetGo(String reason) implements Own {}

    /** Accept again, also if stopping is still under way. */
    record ResumeAccepting(String reason) implements Own {}

    /** The successor is the server: report it, and let go of our copies of the listeners. */
    record RoleHandedOver() implements Own {}

    /** The machine has ended. Connections that are left are the driver's to drain or to go on serving. */
    record End(IncumbentOutcome outcome) implements Own {}
}
