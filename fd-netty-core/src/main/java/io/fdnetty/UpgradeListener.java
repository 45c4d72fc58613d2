package io.fdnetty;

/**
 * Hears what happens to this process's upgrades, both as the incumbent and as the successor.
 *
 * <p>Called one at a time on a thread of the {@link Upgrader}'s own, never on an event loop; a call that blocks delays
 * the calls after it, not the upgrade. What a call throws is logged.
 */
public interface UpgradeListener {
    /**
     * A phase of the hand-over begins.
     *
     * @param role as what this process goes through it
     * @param reason what led to it
     */
    default void phase(Role role, UpgradePhase phase, String reason) {}

    /** Another batch of live connections came over from the predecessor and is served here from now on. */
    default void connectionsArrived(long soFar) {}

    /** This process has taken over from its predecessor, or started cold, and serves. */
    default void serving(UpgradeReport report) {}

    /** A successor serves; what this process kept drains from here on. */
    default void handedOver(UpgradeReport report) {}

    /** After {@link #handedOver}: nothing is left here; the process may end. */
    default void drained(UpgradeReport report) {}

    /** An upgrade failed; this process serves on whatever it owns. */
    default void upgradeFailed(UpgradeStep step, String reason) {}
}
