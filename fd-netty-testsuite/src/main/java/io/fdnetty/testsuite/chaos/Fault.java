package io.fdnetty.testsuite.chaos;

import java.util.List;

/** What can go wrong with an upgrade. */
enum Fault {
    QUIET("nothing", Order.NONE, 0, 0),
    RESTLESS_CLIENTS("clients come, half-close and reset", Order.TELL, 0, 0, "save", "start", "left"),
    KILL_SUCCESSOR("SIGKILL of the successor", Order.STRIKE, 0, 0, Names.SUCCESSOR),
    KILL_INCUMBENT("SIGKILL of the incumbent", Order.STRIKE, 0, 0, Names.INCUMBENT),
    KILL_IDLE("SIGKILL of the only server", Order.NONE, 0, 0),
    KILL_OLD("SIGKILL of the old process after the hand-over", Order.NONE, 0, 0),
    STOP_SUCCESSOR("SIGSTOP of the successor", Order.STRIKE, 20, 900, Names.SUCCESSOR),
    STOP_INCUMBENT("SIGSTOP of the incumbent", Order.STRIKE, 20, 900, Names.INCUMBENT),
    HANG_SUCCESSOR("SIGSTOP of the successor past the deadline", Order.STRIKE, 5_300, 8_000, Names.SUCCESSOR),
    HANG_INCUMBENT("SIGSTOP of the incumbent past the deadline", Order.STRIKE, 5_300, 8_000, Names.INCUMBENT),
    REFUSE("the successor refuses", Order.THROW, 0, 0, "bind"),
    FAIL_STATE("the state cannot be saved or loaded", Order.THROW, 0, 0, "state.save", "state.load"),
    FAIL_CONNECTION("a connection cannot be saved or restored", Order.THROW, 0, 0, "save", "restore"),
    CLOSE_CONTROL("the control socket is closed", Order.CLOSE, 0, 0, Names.PROTOCOL),
    SLOW("the successor is slow", Order.SLOW, 100, 1_500, "state.load", "bind", "restore", "start"),
    SQUEEZE_SUCCESSOR("RLIMIT_NOFILE of the successor", Order.STRIKE, 300, 1_500, "bind"),
    SQUEEZE_INCUMBENT("RLIMIT_NOFILE of the incumbent", Order.NONE, 300, 1_500),
    TWO_AT_ONCE("two successors at once", Order.NONE, 0, 0),
    AGAIN_AT_ONCE("the next upgrade at once", Order.NONE, 0, 0);

    /** What the server is told to do at the moment. */
    enum Order {
        /** There is no moment of the server's. */
        NONE,
        TELL,
        /** It tells, or holds until it is struck from outside. */
        STRIKE,
        THROW,
        CLOSE,
        SLOW
    }

    /** Moments, named by the server and by the drivers of the protocol. */
    private static final class Names {
        private static final String[] SUCCESSOR = {
            "state.load",
            "bind",
            "restore",
            "start",
            "successor.KeepLifeline",
            "successor.SendReady",
            "successor.AcceptFromHere",
            "successor.Adopt",
            "successor.SendAdopted",
            "successor.StartUnits",
            "successor.SendComplete"
        };
        private static final String[] INCUMBENT = {
            "state.save",
            "save",
            "left",
            "incumbent.SendWelcome",
            "incumbent.StopAccepting",
            "incumbent.SendFinalState",
            "incumbent.MoveConnections",
            "incumbent.SendUnits",
            "incumbent.ReleaseUnits",
            "incumbent.RoleHandedOver"
        };
        private static final String[] PROTOCOL = {
            "successor.KeepLifeline",
            "successor.SendReady",
            "successor.AcceptFromHere",
            "successor.Adopt",
            "successor.SendAdopted",
            "successor.StartUnits",
            "incumbent.SendWelcome",
            "incumbent.StopAccepting",
            "incumbent.MoveConnections",
            "incumbent.SendUnits",
            "incumbent.ReleaseUnits"
        };
    }

    private final String text;
    private final Order order;
    private final int leastMillis;
    private final int mostMillis;

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final List<String> moments;

    Fault(String text, Order order, int leastMillis, int mostMillis, String... moments) {
        this.text = text;
        this.order = order;
        this.leastMillis = leastMillis;
        this.mostMillis = mostMillis;
        this.moments = List.of(moments);
    }

    String text() {
        return text;
    }

    Order order() {
        return order;
    }

    /** How long it lasts, at least. */
    int leastMillis() {
        return leastMillis;
    }

    int mostMillis() {
        return mostMillis;
    }

    List<String> moments() {
        return moments;
    }

    /** Whether the upgrade comes about all the same. */
    boolean isHarmless() {
        return switch (this) {
            case QUIET, RESTLESS_CLIENTS, KILL_OLD, STOP_SUCCESSOR, STOP_INCUMBENT, SLOW, TWO_AT_ONCE, AGAIN_AT_ONCE ->
                true;
            default -> false;
        };
    }

    /** Whether connections may stay behind in a process that drains, which ends with them. */
    boolean mayKeep() {
        return switch (this) {
            case FAIL_CONNECTION, SQUEEZE_SUCCESSOR, HANG_SUCCESSOR, HANG_INCUMBENT, CLOSE_CONTROL -> true;
            default -> false;
        };
    }
}
