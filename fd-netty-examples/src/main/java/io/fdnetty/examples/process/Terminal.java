package io.fdnetty.examples.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * The controlling terminal of this process, as Linux shows it; elsewhere there seems to be none. Thread-safe.
 *
 * <p>SIGHUP does not say who sent it. But when a terminal closes, all its processes have lost it before the first of
 * them gets the signal. So a process that ran in its foreground a moment ago and has none now was hung up on; one that
 * a shell keeps in the background, or that has outlived its terminal, was not.
 *
 * <p>Source: setsid(2), credentials(7), and {@code tty_nr} and {@code tpgid} in proc_pid_stat(5).
 */
public final class Terminal {
    private static final Path STAT = Path.of("/proc/self/stat");
    private static final long LOOK_MILLIS = 1_000;
    private static final long MOMENT_NANOS = TimeUnit.SECONDS.toNanos(3);
    private static final int GROUP = 2;
    private static final int SESSION = 3;
    private static final int TERMINAL = 4;
    private static final int FOREGROUND_GROUP = 5;

    private boolean wasInForeground;
    private boolean isGone;
    private long goneSince;

    private Terminal() {}

    /** Looks once a second as long as there is a terminal, on a daemon thread. */
    public static Terminal watch() {
        Terminal terminal = new Terminal();
        if (terminal.look()) {
            Thread thread = new Thread(terminal::run, "terminal");
            thread.setDaemon(true);
            thread.start();
        }
        return terminal;
    }

    private void run() {
        try {
            do {
                Thread.sleep(LOOK_MILLIS);
            } while (look());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether the terminal in whose foreground this process ran has closed just now. */
    public synchronized boolean hasJustClosed() {
        look();
        return isGone && wasInForeground && System.nanoTime() - goneSince < MOMENT_NANOS;
    }

    /** Returns whether there is a terminal. */
    private synchronized boolean look() {
        String[] stat = stat();
        boolean exists = stat.length > FOREGROUND_GROUP && !stat[TERMINAL].equals("0");
        if (exists) {
            wasInForeground = stat[GROUP].equals(stat[FOREGROUND_GROUP]);
        } else if (!isGone) {
            isGone = true;
            goneSince = System.nanoTime();
        }
        return exists;
    }

    /** Whether this process leads a session with a terminal, so that its end takes the terminal from all others. */
    public static boolean isLed() {
        String[] stat = stat();
        return stat.length > TERMINAL
                && !stat[TERMINAL].equals("0")
                && stat[SESSION].equals(String.valueOf(ProcessHandle.current().pid()));
    }

    /** The fields from the state on; empty where there is no such file. */
    private static String[] stat() {
        try {
            String line = Files.readString(STAT, UTF_8);
            return line.substring(line.lastIndexOf(')') + 1)
                    .strip()
                    .split(" ", -1); // the name before may hold anything
        } catch (IOException notLinux) {
            return new String[0];
        }
    }
}
