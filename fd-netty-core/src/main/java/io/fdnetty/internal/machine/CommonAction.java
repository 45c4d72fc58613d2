package io.fdnetty.internal.machine;

import io.fdnetty.internal.protocol.Message;

/** What both machines may ask of their drivers. */
public sealed interface CommonAction extends IncumbentAction, SuccessorAction {
    /** Write this message to the control socket and flush, after those before it. */
    record Send(Message message) implements CommonAction {}

    /** Let go of a message that nobody wants: {@link Message#discard()}. */
    record Discard(Message message) implements CommonAction {}

    /** Start this deadline in place of the running one. */
    record StartDeadline(Deadline waitFor) implements CommonAction {}

    /** Stop the running deadline. */
    record CancelDeadline() implements CommonAction {}

    /** Close the control socket, once what was sent before is written or has failed. */
    record CloseControl() implements CommonAction {}
}
