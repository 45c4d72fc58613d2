package io.fdnetty.examples;

/**
 * How much to say: with {@code -v} also stack traces, debug logs, and the logs of the processes that a program starts.
 */
public final class Verbosity {
    private static final String LOG_LEVEL = "org.slf4j.simpleLogger.defaultLogLevel";
    private static volatile boolean verbose;

    private Verbosity() {}

    /** Set before the first logger is made, which looks for the level once. */
    public static void set(boolean wanted) {
        verbose = wanted;
        if (wanted) {
            System.setProperty(LOG_LEVEL, "debug");
        }
    }

    public static boolean isVerbose() {
        return verbose;
    }
}
