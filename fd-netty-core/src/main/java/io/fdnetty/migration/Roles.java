package io.fdnetty.migration;

/** What a socket is in its unit, as the wire tells it. One that is linked to another has its kind as its role. */
final class Roles {
    /** A listener accepted it; the first of its unit. */
    static final String ACCEPTED = "accepted";

    /** The server opened it, and it is the only one of its unit. */
    static final String OPENED = "opened";

    private Roles() {}
}
