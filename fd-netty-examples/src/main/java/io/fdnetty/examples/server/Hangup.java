package io.fdnetty.examples.server;

import io.fdnetty.examples.process.Terminal;

/** What SIGHUP means to a server. */
enum Hangup {
    /** Start the successor. */
    UPGRADE,
    /** End, as at SIGTERM. */
    EXIT,
    /** End if the terminal has closed in whose foreground the server runs, or else start the successor. */
    AUTO;

    /**
     * @param name as in the command line
     * @throws IllegalArgumentException if there is no such name
     */
    static Hangup of(String name) {
        return switch (name) {
            case "upgrade" -> UPGRADE;
            case "exit" -> EXIT;
            case "auto" -> AUTO;
            default -> throw new IllegalArgumentException("--hangup is upgrade, exit or auto, not " + name);
        };
    }

    boolean isEnd(Terminal terminal) {
        return this == EXIT || (this == AUTO && terminal.hasJustClosed());
    }
}
