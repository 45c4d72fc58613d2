package io.fdnetty.internal.machine;

/** Sees every change of phase of a machine, at the one place where it happens, before the actions are carried out. */
@FunctionalInterface
public interface PhaseListener {
    /** Called on the thread of the event that caused it; must not call the machine. */
    void changed(Phase from, Phase to, String reason);
}
