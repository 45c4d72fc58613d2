package io.fdnetty.examples.demo;

import java.io.Console;
import java.io.PrintStream;

/** Shows what goes on: a line that is rewritten in place on a terminal, whole lines elsewhere. Thread-safe. */
public final class Progress {
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final PrintStream out;
    private final boolean terminal;
    private boolean statusShown;

    public Progress(PrintStream out) {
        this(out, isTerminal());
    }

    public Progress(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /** From Java 22 on there is a console even without a terminal; it knows which. */
    @SuppressWarnings("SystemConsoleNull")
    private static boolean isTerminal() {
        Console console = System.console();
        if (console == null || "dumb".equals(System.getenv("TERM"))) {
            return false;
        }
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException before22) {
            return true;
        }
    }

    /** The state of things now, until the next status or line. */
    synchronized void status(String text) {
        if (terminal) {
            out.print(CLEAR_LINE + text);
            statusShown = true;
        } else {
            out.println(text);
        }
        out.flush();
    }

    /** Something that stays. */
    public synchronized void line(String text) {
        if (statusShown) {
            out.print(CLEAR_LINE);
            statusShown = false;
        }
        out.println(text);
        out.flush();
    }

    /** How often a status is worth showing. */
    long intervalMillis() {
        return terminal ? 200 : 1_000;
    }
}
