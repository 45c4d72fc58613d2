package io.fdnetty.move;

/**
 * The user event that tells the handlers of a connection of a {@linkplain MoveOptions#restored() restored} kind that it
 * lives on here.
 *
 * <p>It takes the place of {@code channelActive}, which does not fire, since the connection was active all along, and
 * precedes the bytes that came along unread. A handler that reads explicitly reads here, as it would in
 * {@code channelActive}.
 */
public final class ConnectionRestored {
    /** The singleton instance. */
    public static final ConnectionRestored INSTANCE = new ConnectionRestored();

    private ConnectionRestored() {}

    @Override
    public String toString() {
        return "ConnectionRestored";
    }
}
