package io.fdnetty.internal.protocol;

/** What a socket is in its unit, as the wire tells it. One that is linked to another has its kind as its role. */
public final class Roles {
    /** A listener accepted it; the first of its unit. */
    public static final String ACCEPTED = "accepted";

    /** The server opened it, and it is the only one of its unit. */
    public static final String OPENED = "opened";

    private Roles() {}
}
