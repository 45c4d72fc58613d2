package io.fdnetty.internal.machine;

/** A phase of one of the two machines. Phases are values; the data of a phase is in it. */
public sealed interface Phase permits IncumbentPhase, SuccessorPhase {
    /** The phase's name, as docs/protocol.md has it. */
    default String label() {
        return getClass().getSimpleName();
    }
}
