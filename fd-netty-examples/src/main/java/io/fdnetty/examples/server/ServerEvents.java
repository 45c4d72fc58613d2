package io.fdnetty.examples.server;

import io.fdnetty.UpgradeException;
import io.fdnetty.UpgradeListener;
import io.fdnetty.UpgradePhase;
import io.fdnetty.UpgradeReport;
import io.fdnetty.UpgradeStep;
import io.fdnetty.Upgrader;
import java.io.PrintStream;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;

/**
 * Tells each event of a server in one line on standard output. Thread-safe; a pipe that nobody reads does not hold the
 * server up.
 */
public final class ServerEvents implements UpgradeListener {
    /** The incumbent's phases in which connections begin to stand still: one for each mode. */
    private static final Set<UpgradePhase> MOVING = EnumSet.of(UpgradePhase.MOVING, UpgradePhase.STOPPING_CONNECTIONS);

    private final LinePrinter printer;
    private final long pid = ProcessHandle.current().pid();
    private final CompletableFuture<UpgradeReport> end = new CompletableFuture<>();

    public ServerEvents(PrintStream out) {
        this.printer = new LinePrinter(out);
    }

    /** The server listens, but does not accept yet. */
    public void listening(int port) {
        print(event("listening").with("port", port));
    }

    /** Nothing is left here, but the process does not end before its successor. */
    void staying() {
        print(event("staying"));
    }

    /** The process ends. */
    public void exit(int status) {
        print(event("exit").with("status", status));
    }

    @Override
    public void serving(UpgradeReport report) {
        print(event("ready").with("generation", report.generation()));
    }

    @Override
    public void handedOver(UpgradeReport report) {
        EventLine line = EventLine.of("handed-over")
                .with("moved", report.moved())
                .with("kept", report.kept())
                .with("closed", report.closed())
                .with("millis", report.total().toMillis())
                .with("switch-micros", sinceTheFirstStop(report.phases()).toNanos() / 1_000)
                .with("pause-p50-micros", report.pauses().p50())
                .with("pause-p99-micros", report.pauses().p99())
                .with("pause-max-micros", report.pauses().max())
                .with("pid", pid);
        print(report.kept() == 0 ? line : line.with("kept-because", reasons(report)));
    }

    private static String reasons(UpgradeReport report) {
        return report.keptReasons().entrySet().stream()
                .map(reason -> reason.getKey() + ": " + reason.getValue())
                .sorted()
                .collect(Collectors.joining("; "));
    }

    @Override
    public void drained(UpgradeReport report) {
        print(event("drained").with("moved", report.moved()).with("closed", report.closed()));
        end.complete(report);
    }

    @Override
    public void upgradeFailed(UpgradeStep step, String reason) {
        print(EventLine.of("upgrade-failed")
                .with("step", step)
                .with("reason", reason)
                .with("pid", pid));
    }

    /**
     * Blocks until a successor has taken over and nothing is left here.
     *
     * @throws UpgradeException if this process took over, but had to give back what it took
     */
    public void awaitEnd(Upgrader upgrader) throws InterruptedException, UpgradeException {
        awaitEnd(upgrader.handedOver());
    }

    void awaitEnd(CompletionStage<UpgradeReport> handedOver) throws InterruptedException, UpgradeException {
        handedOver.whenComplete((report, failure) -> {
            Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
            if (cause instanceof UpgradeException) {
                end.completeExceptionally(cause); // success is when the last event has been told, too
            }
        });
        try {
            end.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UpgradeException failure) {
                throw failure;
            }
            throw new IllegalStateException(e);
        }
    }

    /** The time of the phases in which connections move; they come in the order in which they were entered. */
    private static Duration sinceTheFirstStop(Map<UpgradePhase, Duration> phases) {
        Duration sum = Duration.ZERO;
        boolean begun = false;
        for (Map.Entry<UpgradePhase, Duration> phase : phases.entrySet()) {
            begun |= MOVING.contains(phase.getKey());
            sum = begun ? sum.plus(phase.getValue()) : sum;
        }
        return sum;
    }

    private EventLine event(String name) {
        return EventLine.of(name).with("pid", pid);
    }

    private void print(EventLine line) {
        printer.print(line);
    }
}
