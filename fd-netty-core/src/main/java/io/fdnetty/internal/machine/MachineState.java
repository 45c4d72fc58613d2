package io.fdnetty.internal.machine;

import io.fdnetty.internal.protocol.Message;
import io.netty.util.ReferenceCounted;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What both machines keep: the phase, the deadline that is running, and the actions of the event in hand. */
class MachineState<P extends Phase, E, A> {
    private final PhaseListener listener;
    private final Function<CommonAction, A> widen;
    private final List<A> actions = new ArrayList<>();
    private P phase;
    private @Nullable Deadline running;
    private boolean deciding;

    MachineState(P first, PhaseListener listener, Function<CommonAction, A> widen) {
        this.phase = first;
        this.listener = listener;
        this.widen = widen;
    }

    P phase() {
        return phase;
    }

    /** The one place where the phase changes. */
    void enter(P next, String reason) {
        P from = phase;
        phase = next;
        listener.changed(from, next, reason);
    }

    /** Lets {@code decide} decide about the event and returns its actions. */
    List<A> on(E event, Consumer<E> decide) {
        if (deciding) {
            throw new IllegalStateException(event + " while another event is being decided");
        }
        deciding = true;
        try {
            decide.accept(event);
            return List.copyOf(actions);
        } finally {
            actions.clear();
            deciding = false;
        }
    }

    void act(A action) {
        actions.add(action);
    }

    void send(Message message) {
        act(widen.apply(new CommonAction.Send(message)));
    }

    /** Drops a message; only one that carries something needs an action. */
    void discard(Message message) {
        if (message instanceof ReferenceCounted) {
            act(widen.apply(new CommonAction.Discard(message)));
        }
    }

    void startDeadline(Deadline wait) {
        running = wait;
        act(widen.apply(new CommonAction.StartDeadline(wait)));
    }

    void cancelDeadline() {
        if (running != null) {
            running = null;
            act(widen.apply(new CommonAction.CancelDeadline()));
        }
    }

    /** Whether this deadline is the running one; it runs no longer. */
    boolean expired(Deadline wait) {
        if (running != wait) {
            return false;
        }
        running = null;
        return true;
    }

    boolean isRunning(Deadline wait) {
        return running == wait;
    }

    void closeControl() {
        cancelDeadline();
        act(widen.apply(new CommonAction.CloseControl()));
    }

    IllegalStateException illegal(Object event) {
        return new IllegalStateException(event + " in phase " + phase.label());
    }

    String unexpected(Message message) {
        return message.label() + " is not expected in phase " + phase.label();
    }
}
