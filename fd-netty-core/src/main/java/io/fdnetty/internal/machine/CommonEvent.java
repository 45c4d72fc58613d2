package io.fdnetty.internal.machine;

import io.fdnetty.internal.protocol.Message;

/** What happens to both machines. */
public sealed interface CommonEvent extends IncumbentEvent, SuccessorEvent {
    /** The control socket is connected. The first event. */
    record Connected() implements CommonEvent {}

    /**
     * A message arrived. The machine takes it over: whatever it carries is in one of the returned actions,
     * {@link CommonAction.Discard} at the least.
     */
    record Received(Message message) implements CommonEvent {}

    /** The control socket ended or broke. Reported once, after all that the peer wrote has been received. */
    record PeerEnded(String why) implements CommonEvent {}

    /** The deadline ran out. One that is no longer the running one is ignored. */
    record DeadlineReached(Deadline waitFor) implements CommonEvent {}
}
