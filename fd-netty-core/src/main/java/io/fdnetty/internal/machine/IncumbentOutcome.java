package io.fdnetty.internal.machine;

import io.fdnetty.UpgradePhase;
import io.fdnetty.internal.protocol.RefusalCode;

/** How an upgrade ended for the incumbent. */
public sealed interface IncumbentOutcome {
    /** The successor was turned away; nothing began. */
    record Refused(RefusalCode code, String reason) implements IncumbentOutcome {}

    /**
     * The upgrade failed; the incumbent is the server and has every connection that the successor did not acknowledge.
     *
     * @param step the phase that failed
     */
    record Failed(UpgradePhase step, String reason) implements IncumbentOutcome {}

    /**
     * The successor is the server.
     *
     * @param controlLost whether the control socket was lost before the drain ended: what is left cannot move any more
     * @param reason why it was lost, or "drained"
     */
    record HandedOver(boolean controlLost, String reason) implements IncumbentOutcome {}
}
