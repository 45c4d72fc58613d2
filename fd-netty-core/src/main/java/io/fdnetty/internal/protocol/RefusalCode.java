package io.fdnetty.internal.protocol;

/** Why an incumbent turns a successor away before anything began. Each has a fixed number on the wire, 1 and up. */
public enum RefusalCode {
    /** Another upgrade is under way. */
    BUSY,
    /** The peer runs as a user that may not take over. */
    WRONG_USER,
    /** The ranges of protocol versions do not meet. */
    NO_COMMON_VERSION,
    /** The incumbent has not become ready itself. */
    NOT_READY,
    /** The successor is a copy of something else. */
    WRONG_APPLICATION
}
