package io.fdnetty.internal.machine;

/** What a machine waits for. The driver gives each a duration; at most one is running at a time. */
public enum Deadline {
    /** Incumbent: HELLO. */
    HELLO,
    /** Successor: WELCOME or REFUSED. */
    WELCOME,
    /** Incumbent: the successor takes the state. Successor: listeners and state arrive. Restarted by progress. */
    STATE,
    /** Incumbent: the author of the successor sets it up. */
    READY,
    /** Incumbent: its own listeners stop. */
    STOP_ACCEPTING,
    /** Incumbent, together: its connections stop. */
    STOP_CONNECTIONS,
    /**
     * Incumbent, together: all connections stand still until the final state is taken, the units are written and
     * COMPLETE arrives. Restarted by progress.
     */
    STANDSTILL,
    /** Incumbent: the final state is taken and written. */
    FINAL_STATE,
    /** Incumbent: CUTOVER is written. Successor: final state and CUTOVER arrive. Restarted by progress. */
    CUTOVER,
    /** Incumbent: units that were sent are adopted or rejected. Restarted by progress. */
    ADOPTION,
    /** Successor: connections and FINISHED arrive. Restarted by progress. */
    FINISHED,
    /** Incumbent: COMPLETE arrives. Successor: COMPLETE is written. */
    COMPLETE,
    /** Successor, once it is the server: ADOPTED is written. Restarted by progress. */
    WRITE,
    /** Successor: a broken control socket is read to its end and its writes are decided. */
    READ_OUT
}
