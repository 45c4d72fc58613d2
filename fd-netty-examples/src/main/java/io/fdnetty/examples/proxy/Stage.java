package io.fdnetty.examples.proxy;

/** How far an exchange has come. */
enum Stage {
    /** There is no connection to the backend yet. */
    CONNECTING,
    /** The final response has not begun. */
    WAITING,
    /** An interim response is being passed on, or dropped. */
    INTERIM,
    RESPONDING,
    /** The backend has agreed to another protocol. */
    SWITCHING,
    /** The response is complete. */
    ANSWERED,
    OVER;

    /** Whether the client has got something of a response that is not complete. */
    boolean isBegun() {
        return this == INTERIM || this == RESPONDING || this == SWITCHING;
    }
}
