package io.fdnetty.testsuite.fault;

import io.fdnetty.examples.process.OsSignal;
import io.fdnetty.examples.server.EventLine;
import io.netty.channel.Channel;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Strikes this process where its system properties say: {@code fault.at} names a point of the protocol or of the
 * author's code, {@code fault.kind} what happens there, {@code fault.times} how often, if not once. With the point
 * {@code all} it only tells every point that is passed.
 */
public final class Strike implements BiConsumer<String, Channel> {
    static final String AT = "fault.at";
    static final String KIND = "fault.kind";
    static final String TIMES = "fault.times";
    static final String ALL = "all";

    private static final String POINT = System.getProperty(AT, "");
    private static volatile @Nullable Executor loop;
    private static final AtomicInteger left = new AtomicInteger(Integer.getInteger(TIMES, 1));

    /** What happens to a process. */
    public enum Kind {
        /** SIGKILL. */
        KILL,
        /** SIGSTOP; whoever watches sends SIGCONT. */
        STOP,
        /** The control socket is closed. */
        CLOSE,
        /** No descriptor more than those that are open now. */
        FILES,
        /** No memory. */
        MEMORY,
        /** The author's code throws. */
        THROW,
        /** SIGTERM. */
        TERM,
        /** An event loop does something else, for less than the deadlines. */
        BUSY(1_200),
        /** An event loop does something else, for longer than all deadlines. */
        HUNG(8_000);

        private final long millis;

        Kind() {
            this(0);
        }

        Kind(long millis) {
            this.millis = millis;
        }

        /** Whether it strikes an event loop. */
        boolean isOfLoop() {
            return millis > 0;
        }
    }

    @Override
    public void accept(String point, Channel control) {
        at(point, control);
    }

    /** The event loop that may be struck. */
    static void mayStrike(Executor eventLoop) {
        loop = eventLoop;
    }

    /** A point in the author's code. */
    static void author(String point) {
        at("author." + point, null);
    }

    private static void at(String point, @Nullable Channel control) {
        if (POINT.equals(ALL)) {
            EventLine.of("point").with("name", point).print(System.out);
        } else if (POINT.equals(point)) {
            strikeOrPass(Kind.valueOf(System.getProperty(KIND)), control);
        }
    }

    /** No other event loop passes the point in the time that it takes to kill or stop the process at it. */
    private static void strikeOrPass(Kind kind, @Nullable Channel control) {
        if (kind == Kind.KILL || kind == Kind.STOP) {
            synchronized (left) {
                strikeIfLeft(kind, control);
            }
        } else {
            strikeIfLeft(kind, control);
        }
    }

    private static void strikeIfLeft(Kind kind, @Nullable Channel control) {
        if (left.getAndDecrement() > 0) {
            EventLine.of("struck").with("kind", kind).print(System.out);
            strike(kind, control);
        }
    }

    private static void strike(Kind kind, @Nullable Channel control) {
        switch (kind) {
            case KILL ->
                run("kill", "-KILL", String.valueOf(ProcessHandle.current().pid()));
            case TERM ->
                run("kill", "-TERM", String.valueOf(ProcessHandle.current().pid()));
            case STOP -> stop();
            case CLOSE -> {
                if (control != null) {
                    control.close();
                }
            }
            case FILES -> limitFiles();
            case MEMORY -> throw new OutOfMemoryError("a fault of the test");
            case THROW -> throw new IllegalStateException("a fault of the test");
            case BUSY, HUNG -> occupy(kind.millis, control);
        }
    }

    /** The kernel stops one thread after the other: this one does nothing more before SIGCONT. */
    private static void stop() {
        CountDownLatch continued = new CountDownLatch(1);
        OsSignal.handle("CONT", continued::countDown);
        run("kill", "-STOP", String.valueOf(ProcessHandle.current().pid()));
        try {
            continued.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * The event loop that runs the author's code, or at a point of the protocol another one than that of the control
     * socket.
     */
    private static void occupy(long millis, @Nullable Channel control) {
        Executor other = loop;
        if (control == null) {
            sleep(millis);
        } else if (other != null) {
            other.execute(() -> sleep(millis));
        }
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Below what is open: no number is free. */
    private static void limitFiles() {
        run("prlimit", "--pid", String.valueOf(ProcessHandle.current().pid()), "--nofile=3:");
    }

    private static void run(String... command) {
        try {
            new ProcessBuilder(command).inheritIO().start().waitFor();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
