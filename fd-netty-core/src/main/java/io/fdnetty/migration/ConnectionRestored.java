package io.fdnetty.migration;

/**
 * The user event that tells the handlers of a connection of a {@linkplain MoveOptions#restored() restored} kind that it lives
 * on here.
 *
 * <p>It follows {@code channelActive}, which only the handlers without a restored state get, and precedes the bytes that came
 * along unread.
 */
public final class ConnectionRestored {
    /** The only one. */
    public static final ConnectionRestored INSTANCE = new ConnectionRestored();

    private ConnectionRestored() {}

    @Override
    public String toString() {
        return "ConnectionRestored";
    }
}
