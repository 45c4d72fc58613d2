package io.fdnetty.internal.machine;

import io.fdnetty.UpgradePhase;

/** A phase of one of the two machines. Phases are values; the data of a phase is in it. */
public sealed interface Phase permits IncumbentPhase, SuccessorPhase {
    /** What listeners, reports and docs/protocol.md call it. */
    UpgradePhase upgradePhase();

    /** The phase in a text. */
    default String label() {
        return upgradePhase().label();
    }
}
