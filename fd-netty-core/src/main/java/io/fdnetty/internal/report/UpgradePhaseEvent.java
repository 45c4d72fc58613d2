package io.fdnetty.internal.report;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/**
 * The Flight Recorder event of one phase of an upgrade; its duration is the phase's. Begun and committed on the control
 * loop.
 */
@Name("io.fdnetty.UpgradePhase")
@Label("Upgrade Phase")
@Category("fd-netty")
@StackTrace(false)
final class UpgradePhaseEvent extends Event {
    @Label("Role")
    String role = "";

    @Label("Generation")
    long generation;

    @Label("Phase")
    String phase = "";

    @Label("Reason it began")
    String reason = "";
}
