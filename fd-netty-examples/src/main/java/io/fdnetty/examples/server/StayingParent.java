package io.fdnetty.examples.server;

import io.fdnetty.UpgradeListener;
import io.fdnetty.UpgradeReport;
import io.fdnetty.examples.process.Family;
import io.fdnetty.examples.process.OsSignal;
import io.fdnetty.examples.process.OwnCommand;
import io.fdnetty.examples.process.Terminal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a server is after it has handed over if its end would end its successor too: the first process of a container,
 * the leader of a terminal's session, or one that was told to stay. It has no connection and no listener any more; it
 * passes SIGTERM and SIGINT on to the server that serves, starts the next one at SIGHUP, waits for all that it has
 * started, and ends with the status of the last.
 *
 * <p>A successor that one of these has started does not stay itself: it would be the parent of nobody. Thread-safe.
 */
final class StayingParent implements UpgradeListener {
    private static final Logger logger = LoggerFactory.getLogger(StayingParent.class);

    /** In the environment of what a staying parent starts: its process id. */
    private static final String PARENT = "FDNETTY_PARENT";

    private static final long INIT = 1;

    private final OwnCommand command;
    private final Family family;
    private final boolean told;
    private final BooleanSupplier hangupEnds;

    /**
     * @param socket the control socket, as in the command line: whoever has it there is a successor
     * @param told whether this process is to stay whatever it is
     * @param hangupEnds whether SIGHUP, right now, means the end
     */
    StayingParent(OwnCommand command, Path socket, boolean told, BooleanSupplier hangupEnds) {
        this.command = command;
        this.family = new Family(socket.toString());
        this.told = told;
        this.hangupEnds = hangupEnds;
    }

    /** Whether this process stays after a hand-over, as far as can be said now. */
    boolean stays() {
        return (told || ProcessHandle.current().pid() == INIT || Terminal.isLed()) && !hasStayingParent();
    }

    private static boolean hasStayingParent() {
        String parent = System.getenv(PARENT);
        return parent != null
                && ProcessHandle.current()
                        .parent()
                        .map(process -> String.valueOf(process.pid()))
                        .filter(parent::equals)
                        .isPresent();
    }

    /** The command of a successor, which knows its parent if that stays. */
    ProcessBuilder successor() {
        ProcessBuilder again = command.again();
        if (stays()) {
            again.environment()
                    .put(PARENT, String.valueOf(ProcessHandle.current().pid()));
        }
        return again;
    }

    boolean hangupEnds() {
        return hangupEnds.getAsBoolean();
    }

    /** From here on signals are meant for the successor, though something may still drain here. */
    @Override
    public void handedOver(UpgradeReport report) {
        if (stays()) {
            OsSignal.handle("TERM", family::terminate);
            OsSignal.handle("INT", family::terminate);
            OsSignal.handle("HUP", this::hungUp);
        }
    }

    private void hungUp() {
        if (hangupEnds()) {
            family.terminate();
            return;
        }
        try {
            family.add(successor().start());
        } catch (IOException e) {
            logger.error("The upgrade that SIGHUP asked for failed: {}; the server goes on", e.getMessage());
        }
    }

    /** This process has started the successor itself. */
    void started(Process successor) {
        family.add(successor);
    }

    /** Blocks until no successor lives; returns the status of the last. */
    int awaitEnd() throws InterruptedException {
        System.gc(); // a container's memory is shared with the successor from here on
        return family.awaitEnd();
    }
}
