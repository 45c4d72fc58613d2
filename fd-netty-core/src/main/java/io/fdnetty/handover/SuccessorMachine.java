package io.fdnetty.handover;

import static java.util.Objects.requireNonNull;

import java.util.List;

/** Skeleton. */
@SuppressWarnings("DoNotCallSuggester")
public final class SuccessorMachine {
    private final Message.Hello hello;
    private final PhaseListener listener;

    public SuccessorMachine(Message.Hello hello, PhaseListener listener) {
        this.hello = requireNonNull(hello, "hello");
        this.listener = requireNonNull(listener, "listener");
    }

    public SuccessorPhase phase() {
        throw new UnsupportedOperationException("" + hello + listener);
    }

    /** How many units arrived and are neither started, abandoned nor rejected. */
    public int unsettled() {
        throw new UnsupportedOperationException();
    }

    public List<SuccessorAction> on(SuccessorEvent event) {
        throw new UnsupportedOperationException();
    }
}
