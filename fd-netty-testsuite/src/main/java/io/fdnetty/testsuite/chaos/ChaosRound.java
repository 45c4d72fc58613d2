package io.fdnetty.testsuite.chaos;

import io.fdnetty.testsuite.chaos.server.Strikes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One upgrade and what strikes it, until one server serves again and no other process is left. Used once, by one
 * thread.
 */
final class ChaosRound {
    private static final long LIMIT_SECONDS = 180;
    private static final long POLL_MILLIS = 2;
    private static final long SURE_MILLIS = 20;
    private static final int VISITS = 6;
    private static final int RESTLESS_VISITS = 40;

    private final Strike strike;
    private final ChaosServers servers;
    private final ChaosClients clients;
    private final Findings findings;
    private final Signals signals = new Signals();
    private final ChaosServer incumbent;
    private final List<ChaosServer> successors = new ArrayList<>();
    private final long deadlines;
    private boolean struck;
    private boolean killed;

    ChaosRound(Strike strike, ChaosServer incumbent, ChaosServers servers, ChaosClients clients, Findings findings) {
        this.strike = strike;
        this.deadlines = servers.deadlines();
        this.incumbent = incumbent;
        this.servers = servers;
        this.clients = clients;
        this.findings = findings;
    }

    /** Returns the server that serves afterwards. */
    ChaosServer run() throws InterruptedException {
        Thread.sleep(strike.idleMillis());
        Strikes.Order order = strike.order();
        incumbent.takeFailure();
        place(order);
        clients.visit(VISITS);
        begin();
        awaitSettled();
        withdraw(order);
        ChaosServer serving = servers.serving();
        if (serving == null) {
            serving = servers.startCold();
        }
        checkOutcome();
        return serving;
    }

    private void begin() throws InterruptedException {
        switch (strike.fault()) {
            case KILL_IDLE -> {
                struck = true;
                kill(incumbent);
            }
            case SQUEEZE_INCUMBENT -> {
                struck = true;
                signals.squeeze(incumbent, 0, strike.millis());
                successors.add(servers.start());
            }
            case TWO_AT_ONCE -> {
                struck = true;
                successors.add(servers.start());
                successors.add(servers.start());
            }
            default -> successors.add(servers.start());
        }
    }

    private void awaitSettled() throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        while (!isSettled()) {
            if (System.nanoTime() - deadline >= 0) {
                findings.add("after " + LIMIT_SECONDS + " s not one server serves alone, but these run: "
                        + servers.running());
                return;
            }
            react();
            signals.runDue();
            Thread.sleep(POLL_MILLIS);
        }
    }

    /** Twice, since what two servers tell is not heard at the same instant. */
    private boolean isSettled() throws InterruptedException {
        if (!isQuiet()) {
            return false;
        }
        Thread.sleep(SURE_MILLIS);
        return isQuiet();
    }

    private boolean isQuiet() {
        return signals.isIdle() && !isOwed() && servers.isSettled();
    }

    /** Whether the moment has come, and nothing was done yet. */
    private boolean isOwed() {
        boolean come =
                strike.fault() == Fault.AGAIN_AT_ONCE ? successors.get(0).isReady() : servers.isStruck(strike.number());
        return !struck && come;
    }

    private void react() throws InterruptedException {
        if (strike.fault() == Fault.KILL_OLD && !struck && incumbent.isRelieved()) {
            struck = true;
            kill(incumbent);
        }
        if (!isOwed()) {
            return;
        }
        struck = true;
        ChaosServer target = servers.struck(strike.number());
        if (strike.fault() == Fault.AGAIN_AT_ONCE) {
            successors.add(servers.start());
        } else if (target != null) {
            signals.after(strike.delayMillis(), () -> strike(target));
        }
    }

    private void strike(ChaosServer target) throws InterruptedException {
        switch (strike.fault()) {
            case KILL_SUCCESSOR, KILL_INCUMBENT -> kill(target);
            case STOP_SUCCESSOR, STOP_INCUMBENT, HANG_SUCCESSOR, HANG_INCUMBENT -> {
                signals.stop(target, strike.millis());
                go();
            }
            case SQUEEZE_SUCCESSOR -> {
                signals.squeeze(target, strike.nth() * 5, strike.millis());
                go();
            }
            case RESTLESS_CLIENTS -> clients.visit(RESTLESS_VISITS);
            default -> {}
        }
    }

    private void kill(ChaosServer target) {
        killed |= target != incumbent || !incumbent.isRelieved();
        servers.kill(target);
    }

    /** The target waits for this if it was struck at its moment exactly. */
    private void go() {
        Strikes.Order order = strike.order();
        if (order != null && order.action().equals("hold")) {
            try {
                order.go(servers.directory());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void place(Strikes.@Nullable Order order) {
        try {
            if (order != null) {
                order.place(servers.directory());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void withdraw(Strikes.@Nullable Order order) {
        try {
            if (order != null) {
                struck |= !order.withdraw(servers.directory());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void checkOutcome() {
        boolean harmless = strike.fault().isHarmless() || !struck;
        if (harmless && !isUpgraded() && !isLate()) {
            findings.add("the upgrade failed");
        }
    }

    /** Connections that stay behind have a reason. */
    void checkDrained(int drained) {
        if (drained > 0 && !strike.fault().mayKeep() && !isLate()) {
            findings.add(drained + " connections stayed behind and were drained");
        }
    }

    /** Whether a deadline ran out: so it may on a machine that has too much to do, whatever was planned. */
    private boolean isLate() {
        return servers.deadlines() > deadlines;
    }

    private long kept() {
        return incumbent.kept()
                + successors.stream().mapToLong(ChaosServer::kept).sum();
    }

    /** Whether a successor became the server. */
    boolean isUpgraded() {
        return successors.stream().anyMatch(ChaosServer::isReady);
    }

    /** Whether a process was killed that may have had connections. */
    boolean isKilled() {
        return killed;
    }

    /** Whether the moment came. */
    boolean isStruck() {
        return struck || strike.fault() == Fault.QUIET;
    }

    /** What became of it, for the trace. */
    String text() {
        StringBuilder text = new StringBuilder(isStruck() ? "" : "(the moment did not come) ");
        text.append(isUpgraded() ? "upgraded" : "not upgraded");
        note(text, incumbent);
        successors.forEach(successor -> note(text, successor));
        long kept = kept();
        return kept > 0 ? text.append(", ").append(kept).append(" kept").toString() : text.toString();
    }

    private static void note(StringBuilder text, ChaosServer server) {
        String failure = server.takeFailure();
        if (!failure.isEmpty()) {
            text.append("; ").append(server).append(" says ").append(failure);
        }
    }

    List<ChaosServer> processes() {
        List<ChaosServer> all = new ArrayList<>(successors);
        all.add(0, incumbent);
        return all;
    }
}
