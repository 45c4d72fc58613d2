package io.fdnetty;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A step in which an upgrade, or a start, can fail: one before the processes talk to each other, or an
 * {@link UpgradePhase}.
 */
public enum UpgradeStep {
    /** The path of the control socket is checked. */
    PATH("path"),
    /** A process, or its successor, starts. */
    START("start"),
    /** The threads that serve are tried. */
    THREADS("threads"),
    /** The successor connects to the incumbent. */
    CONNECT("connect"),
    /** The control socket is made. */
    LISTEN("listen"),
    /** The listeners are bound. */
    BIND("bind"),
    /** The successor introduces itself. */
    HELLO("hello"),
    /** The successor holds the role, and loses it again. */
    TAKEOVER("takeover"),
    /** The phase {@link UpgradePhase#IDLE}. */
    IDLE(UpgradePhase.IDLE),
    /** The phase {@link UpgradePhase#AWAIT_HELLO}. */
    AWAIT_HELLO(UpgradePhase.AWAIT_HELLO),
    /** The phase {@link UpgradePhase#SENDING_STATE}. */
    SENDING_STATE(UpgradePhase.SENDING_STATE),
    /** The phase {@link UpgradePhase#AWAIT_READY}. */
    AWAIT_READY(UpgradePhase.AWAIT_READY),
    /** The phase {@link UpgradePhase#STOPPING_ACCEPT}. */
    STOPPING_ACCEPT(UpgradePhase.STOPPING_ACCEPT),
    /** The phase {@link UpgradePhase#STOPPING_CONNECTIONS}. */
    STOPPING_CONNECTIONS(UpgradePhase.STOPPING_CONNECTIONS),
    /** The phase {@link UpgradePhase#SENDING_FINAL_STATE}. */
    SENDING_FINAL_STATE(UpgradePhase.SENDING_FINAL_STATE),
    /** The phase {@link UpgradePhase#CUTTING_OVER}. */
    CUTTING_OVER(UpgradePhase.CUTTING_OVER),
    /** The phase {@link UpgradePhase#MOVING}. */
    MOVING(UpgradePhase.MOVING),
    /** The phase {@link UpgradePhase#AWAIT_COMPLETE}. */
    AWAIT_COMPLETE(UpgradePhase.AWAIT_COMPLETE),
    /** The phase {@link UpgradePhase#DRAINING}. */
    DRAINING(UpgradePhase.DRAINING),
    /** The phase {@link UpgradePhase#REVOKING}. */
    REVOKING(UpgradePhase.REVOKING),
    /** The phase {@link UpgradePhase#AWAIT_WELCOME}. */
    AWAIT_WELCOME(UpgradePhase.AWAIT_WELCOME),
    /** The phase {@link UpgradePhase#RECEIVING_STATE}. */
    RECEIVING_STATE(UpgradePhase.RECEIVING_STATE),
    /** The phase {@link UpgradePhase#OFFERED}. */
    OFFERED(UpgradePhase.OFFERED),
    /** The phase {@link UpgradePhase#AWAIT_CUTOVER}. */
    AWAIT_CUTOVER(UpgradePhase.AWAIT_CUTOVER),
    /** The phase {@link UpgradePhase#RECEIVING}. */
    RECEIVING(UpgradePhase.RECEIVING),
    /** The phase {@link UpgradePhase#JOINING}. */
    JOINING(UpgradePhase.JOINING),
    /** The phase {@link UpgradePhase#COMPLETING}. */
    COMPLETING(UpgradePhase.COMPLETING),
    /** The phase {@link UpgradePhase#SERVING}. */
    SERVING(UpgradePhase.SERVING),
    /** The phase {@link UpgradePhase#READING_OUT}. */
    READING_OUT(UpgradePhase.READING_OUT),
    /** The phase {@link UpgradePhase#AWAIT_LIFELINE}. */
    AWAIT_LIFELINE(UpgradePhase.AWAIT_LIFELINE),
    /** The phase {@link UpgradePhase#ALONE}. */
    ALONE(UpgradePhase.ALONE),
    /** The phase {@link UpgradePhase#ENDED}. */
    ENDED(UpgradePhase.ENDED);

    private static final Map<UpgradePhase, UpgradeStep> OF_PHASES = Arrays.stream(values())
            .filter(step -> step.phase != null)
            .collect(Collectors.toMap(step -> step.phase().orElseThrow(), Function.identity()));

    private final String label;
    private final @Nullable UpgradePhase phase;

    UpgradeStep(String label) {
        this.label = label;
        this.phase = null;
    }

    UpgradeStep(UpgradePhase phase) {
        this.label = phase.label();
        this.phase = phase;
    }

    /** The step that is this phase. */
    public static UpgradeStep of(UpgradePhase phase) {
        return requireNonNull(OF_PHASES.get(phase), "phase");
    }

    /** What {@code docs/protocol.md}, logs and the events of programs call it. */
    public String label() {
        return label;
    }

    /** The phase that this step is; empty for a step before there are phases. */
    public Optional<UpgradePhase> phase() {
        return Optional.ofNullable(phase);
    }

    @Override
    public String toString() {
        return label;
    }
}
