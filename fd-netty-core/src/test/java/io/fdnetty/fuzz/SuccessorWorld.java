package io.fdnetty.fuzz;

import io.fdnetty.channel.Lifeline;
import io.fdnetty.internal.machine.CommonAction;
import io.fdnetty.internal.machine.CommonEvent;
import io.fdnetty.internal.machine.Deadline;
import io.fdnetty.internal.machine.SuccessorAction;
import io.fdnetty.internal.machine.SuccessorEvent;
import io.fdnetty.internal.machine.SuccessorMachine;
import io.fdnetty.internal.machine.SuccessorPhase;
import io.fdnetty.internal.protocol.ConnectionUnit;
import io.fdnetty.internal.protocol.Message;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** An honest successor around its machine: it reports only what can happen, and checks every order that it gets. */
final class SuccessorWorld {
    final SuccessorMachine machine =
            new SuccessorMachine(new Message.Hello(1, 1, "app", "", 7, 1, 100), (from, to, reason) -> {});

    private final Deque<Message> writes = new ArrayDeque<>();
    private final Deque<ConnectionUnit> adopting = new ArrayDeque<>();
    private final Deque<String> loading = new ArrayDeque<>();
    private final Set<Long> held = new HashSet<>();
    private final Set<Long> acknowledged = new HashSet<>();
    private boolean together;
    private boolean outputBroken;
    private boolean authorAsked;
    private boolean authorReady;
    private boolean authorFailed;
    private boolean authorAnswered;
    private boolean cutoverCame;
    private boolean listeners;
    private boolean accepting;
    private boolean completeWritten;
    private boolean server;
    private boolean gaveUp;
    private boolean shut;
    private boolean asked;
    private boolean dead;
    private boolean ended;
    private Deadline armed;

    SuccessorWorld() {
        on(new CommonEvent.Connected());
    }

    boolean isShut() {
        return shut;
    }

    boolean isOver() {
        return ended && adopting.isEmpty();
    }

    // ---- what happens

    void received(Message message) {
        cutoverCame |= message instanceof Message.Cutover;
        on(new CommonEvent.Received(message));
    }

    void socketEnded() {
        on(new CommonEvent.PeerEnded("gone"));
    }

    void unreadable() {
        on(new SuccessorEvent.Unreadable("unreadable"));
    }

    void deadline(Deadline wait) {
        if (armed == wait) {
            armed = null;
        }
        on(new CommonEvent.DeadlineReached(wait));
    }

    boolean runningDeadline() {
        if (armed == null) {
            return false;
        }
        deadline(armed);
        return true;
    }

    /** Its connection to the predecessor may stay as long as that drains. */
    boolean isServing() {
        return machine.phase() instanceof SuccessorPhase.Serving;
    }

    /** The oldest write is in the peer's queue, or it and all others have failed. */
    boolean write(boolean well) {
        if (writes.isEmpty()) {
            return false;
        }
        if (!well || outputBroken || shut) {
            breakOutput();
            return true;
        }
        Message written = writes.remove();
        if (written instanceof Message.Adopted adopted) {
            acknowledged.addAll(adopted.ids());
            on(new SuccessorEvent.AdoptedWritten(adopted.ids()));
        } else if (written instanceof Message.Complete) {
            completeWritten = true;
            on(new SuccessorEvent.CompleteWritten());
        }
        return true;
    }

    private void breakOutput() {
        writes.clear();
        if (!outputBroken) {
            outputBroken = true;
            on(new SuccessorEvent.WriteFailed("EPIPE"));
        }
    }

    boolean author(boolean well) {
        if (!authorAsked || authorAnswered) {
            return false;
        }
        authorAnswered = true;
        authorReady = well;
        authorFailed = !well;
        on(well ? new SuccessorEvent.AuthorReady() : new SuccessorEvent.AuthorFailed("no"));
        return true;
    }

    /** The author cannot or will not take over after all, ready or not, or the inherited sockets cannot be used. */
    void refuse() {
        if (listeners && !accepting && !authorFailed && !ended) {
            authorAnswered = true;
            authorFailed = true;
            on(new SuccessorEvent.AuthorFailed("not after all"));
        }
    }

    void sectionFails() {
        if (!loading.isEmpty()) {
            on(new SuccessorEvent.SectionRejected(loading.remove(), "bad"));
        }
    }

    /** So many units become channels, or the next one cannot. */
    boolean adopt(int count, boolean well) {
        if (adopting.isEmpty()) {
            return false;
        }
        if (!well) {
            ConnectionUnit unit = adopting.remove();
            unit.release();
            on(new SuccessorEvent.UnitRejected(unit.id(), "no"));
            return true;
        }
        List<Long> ids = new ArrayList<>();
        for (int i = 0; i < count && !adopting.isEmpty(); i++) {
            ConnectionUnit unit = adopting.remove();
            ids.add(unit.id());
            unit.release();
            Checks.that(held.add(unit.id()), "a unit is here twice", unit.id());
        }
        on(new SuccessorEvent.UnitsAdopted(ids));
        return true;
    }

    boolean lifeline(Lifeline.Word word) {
        if (!asked) {
            return false;
        }
        asked = false;
        dead = word == Lifeline.Word.DEAD;
        on(new SuccessorEvent.LifelineSaid(word));
        return true;
    }

    // ---- what the machine wants

    private void on(SuccessorEvent event) {
        boolean after = ended;
        for (SuccessorAction action : machine.on(event)) {
            perform(action, after);
        }
    }

    private void perform(SuccessorAction action, boolean after) {
        if (action instanceof CommonAction.Discard discard) {
            discard.message().discard();
        } else if (action instanceof SuccessorAction.AbandonUnits abandon) {
            abandon.ids().forEach(this::abandon);
        } else {
            Checks.that(!after && !ended, "an order after the end", action);
            common(action);
        }
    }

    private void common(SuccessorAction action) {
        if (action instanceof CommonAction.Send send) {
            Checks.that(!shut, "something is said after the shutdown", send);
            writes.add(send.message());
        } else if (action instanceof CommonAction.StartDeadline start) {
            armed = start.waitFor();
        } else if (action instanceof CommonAction.CancelDeadline) {
            armed = null;
        } else if (action instanceof SuccessorAction.Own own) {
            own(own);
        }
    }

    private void own(SuccessorAction.Own action) {
        if (action instanceof SuccessorAction.KeepLifeline keep) {
            keep.welcome().discard();
        } else if (action instanceof SuccessorAction.AdoptListeners adopt) {
            Checks.that(!listeners, "listeners twice");
            listeners = true;
            adopt.listeners().discard();
        } else if (action instanceof SuccessorAction.LoadState load) {
            load(load.message());
        } else if (action instanceof SuccessorAction.ReleaseOffer release) {
            together = release.offer().together();
            authorAsked = true;
        } else if (action instanceof SuccessorAction.ServeAlone) {
            authorAsked = true;
        } else if (action instanceof SuccessorAction.Adopt adopt) {
            adopting.addAll(adopt.units());
        } else if (action instanceof SuccessorAction.SendAdopted send) {
            Checks.that(!together && held.containsAll(send.ids()), "ADOPTED of a unit that is not held");
            writes.add(new Message.Adopted(send.ids()));
        } else if (action instanceof SuccessorAction.StartUnits start) {
            start.ids().forEach(this::start);
        } else {
            role(action);
        }
    }

    private void load(Message message) {
        if (message instanceof Message.StateBegin begin) {
            loading.add(begin.name());
        }
        message.discard();
    }

    private void role(SuccessorAction.Own action) {
        if (action instanceof SuccessorAction.AcceptFromHere) {
            boolean told = together ? completeWritten : cutoverCame;
            Checks.that(authorReady && (told || dead) && !accepting, "it accepts out of place");
            accepting = true;
        } else if (action instanceof SuccessorAction.ShutControl) {
            shut = true;
        } else if (action instanceof SuccessorAction.AskLifeline) {
            asked = true;
        } else if (action instanceof SuccessorAction.ServerNow) {
            Checks.that(accepting && (completeWritten || dead) && !server, "it is the server out of place");
            server = true;
        } else if (action instanceof SuccessorAction.GiveUp) {
            Checks.that(!server && !completeWritten, "the server gives up");
            accepting = false;
            gaveUp = true;
        } else if (action instanceof SuccessorAction.End) {
            ended = true;
        }
    }

    private void start(long id) {
        boolean known = together ? completeWritten : acknowledged.contains(id);
        Checks.that(known || dead, "a unit is started without ADOPTED", id);
        Checks.that(held.remove(id), "a unit is started that is not held", id);
        acknowledged.remove(id);
    }

    private void abandon(long id) {
        boolean known = together ? completeWritten : acknowledged.contains(id);
        Checks.that(!known, "a unit is abandoned that the peer knows as ours", id);
        Checks.that(held.remove(id), "a unit is abandoned that is not held", id);
    }

    /** When all is over. */
    void assertSettled() {
        Checks.that(ended, "it does not end", machine.phase());
        Checks.that(machine.unsettled() == 0 && held.isEmpty(), "nobody owns a unit", held);
        Checks.that(armed == null, "a deadline runs on", armed);
        Checks.that(accepting == server && !(server && gaveUp), "who accepts is not the server");
    }
}
