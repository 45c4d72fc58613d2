package io.fdnetty.internal.connection;

/** What a connection tells the move that is under way with it. Event loop only, but for {@link #wake}. */
public interface RunningMove {
    /** Now may be the moment; any thread. */
    void wake();

    /** Whoever asked for the move wants to hear nothing more. */
    void forget();

    /** The connection moves with another one from now on. */
    void linked();

    /** The channel is closed. */
    void channelClosed();

    /** Whether the connection does not serve now. */
    boolean isStopped();

    /** Whether the next task of the event loop knows more. */
    boolean isUndecided();
}
