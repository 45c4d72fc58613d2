package io.fdnetty.internal.machine;

import io.fdnetty.channel.Lifeline;
import io.fdnetty.internal.protocol.ConnectionUnit;
import io.fdnetty.internal.protocol.Message;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The successor's driver in the exploration. */
final class SimSuccessor extends SimProcess {
    final SuccessorMachine machine;

    @Nullable
    SuccessorOutcome outcome;

    Lifeline.@Nullable Word word;
    boolean listeners;
    boolean authorAsked;
    boolean authorFailed;
    boolean server;
    boolean gaveUp;
    boolean completed;
    boolean asked;

    SimSuccessor(Simulation world) {
        super(world, world.socket.successor);
        machine = new SuccessorMachine(
                new Message.Hello(1, 1, "sim", "2", 2, 253, 1 << 20),
                (from, to, why) -> world.log("S: " + from + " -> " + to));
    }

    @Override
    String name() {
        return "S";
    }

    @Override
    boolean isEnded() {
        return machine.phase() instanceof SuccessorPhase.Ended && todo.isEmpty();
    }

    void on(SuccessorEvent event) {
        world.log("S: " + event);
        for (SuccessorAction action : machine.on(event)) {
            todo.add(new Step("S: " + action, () -> perform(action)));
        }
    }

    @Override
    void received(Message message) {
        if (message instanceof Message.Connections connections) {
            connections.units().forEach(unit -> world.unit(unit.id()).successor = SimUnit.There.RECEIVED);
        }
        on(new CommonEvent.Received(message));
    }

    @Override
    void socketEnded() {
        on(new CommonEvent.PeerEnded("end of stream"));
    }

    @Override
    void torn() {
        on(new SuccessorEvent.Unreadable("torn"));
    }

    @Override
    void writesFailed() {
        on(new SuccessorEvent.WriteFailed("EPIPE"));
    }

    @Override
    void taken(Message message) {
        if (message instanceof Message.Adopted adopted) {
            adopted.ids().forEach(id -> world.unit(id).acknowledged = true);
        } else if (message instanceof Message.Complete) {
            completed = true;
            if (world.together) {
                world.incumbent.movers.forEach(unit -> unit.acknowledged = true);
            }
        }
    }

    @Override
    void deadlineReached(Deadline wait) {
        on(new CommonEvent.DeadlineReached(wait));
    }

    @Override
    List<Step> steps() {
        List<Step> steps = super.steps();
        if (!dead && !hung && todo.isEmpty() && asked) {
            if (world.socket.lifelineByte) {
                steps.add(new Step("S: byte", () -> said(Lifeline.Word.TAKEN_BACK)));
            } else if (world.socket.lifelineClosed) {
                steps.add(new Step("S: pipe closed", () -> said(Lifeline.Word.DEAD)));
            }
        }
        return steps;
    }

    /** The life-line is silent only while its holder lives. */
    @Override
    void patience(List<Step> steps) {
        super.patience(steps);
        if (!dead && !hung && todo.isEmpty() && asked && !world.socket.lifelineByte && !world.incumbent.dead) {
            steps.add(new Step("S: silence", () -> said(Lifeline.Word.SILENT)));
        }
    }

    private void said(Lifeline.Word heard) {
        asked = false;
        word = heard;
        on(new SuccessorEvent.LifelineSaid(heard));
    }

    @Override
    void send(Message message) {
        write(message, () -> {
            if (message instanceof Message.Complete) {
                on(new SuccessorEvent.CompleteWritten());
            }
        });
    }

    private void perform(SuccessorAction action) {
        if (action instanceof CommonAction common) {
            common(common);
        } else if (action instanceof SuccessorAction.AdoptListeners) {
            listeners = true;
        } else if (action instanceof SuccessorAction.LoadState load) {
            load.message().discard();
        } else if (action instanceof SuccessorAction.ReleaseOffer || action instanceof SuccessorAction.ServeAlone) {
            askAuthor();
        } else if (action instanceof SuccessorAction.AcceptFromHere) {
            accepting = true;
        } else if (action instanceof SuccessorAction.GiveUp) {
            accepting = false;
            gaveUp = true;
        } else if (action instanceof SuccessorAction.ServerNow) {
            server = true;
        } else if (action instanceof SuccessorAction.ShutControl) {
            end.shut = true;
        } else if (action instanceof SuccessorAction.AskLifeline) {
            asked = true;
        } else if (action instanceof SuccessorAction.End last) {
            outcome = last.outcome();
        } else {
            units(action);
        }
    }

    private void units(SuccessorAction action) {
        if (action instanceof SuccessorAction.Adopt adopt) {
            adopt(adopt.units());
        } else if (action instanceof SuccessorAction.SendAdopted send) {
            write(new Message.Adopted(send.ids()), () -> on(new SuccessorEvent.AdoptedWritten(send.ids())));
        } else if (action instanceof SuccessorAction.StartUnits start) {
            start.ids().forEach(id -> world.started(world.unit(id)));
        } else if (action instanceof SuccessorAction.AbandonUnits abandon) {
            abandon.ids().forEach(id -> world.abandoned(world.unit(id)));
        }
    }

    /** Whether it gave everything back of its own accord, while it could not know that the incumbent was dead. */
    boolean refused() {
        return gaveUp && word == null;
    }

    private void askAuthor() {
        if (authorAsked) {
            return;
        }
        authorAsked = true;
        later("author", () -> {
            authorFailed = world.isUnlucky();
            if (!isEnded()) {
                on(authorFailed ? new SuccessorEvent.AuthorFailed("unlucky") : new SuccessorEvent.AuthorReady());
            }
            if (!authorFailed && world.isUnlucky()) {
                later("author again", this::changeMind);
            }
        });
    }

    /** As the driver does: too late once the listeners accept. */
    private void changeMind() {
        if (!accepting && !isEnded()) {
            authorFailed = true;
            on(new SuccessorEvent.AuthorFailed("unlucky after all"));
        }
    }

    /** Units become channels one by one or together, in any order. */
    private void adopt(List<ConnectionUnit> units) {
        List<Long> together = new ArrayList<>();
        for (ConnectionUnit unit : units) {
            long id = unit.id();
            unit.release();
            if (random.nextBoolean()) {
                together.add(id);
            } else {
                later("adopt " + id, () -> adopted(List.of(id)));
            }
        }
        if (!together.isEmpty()) {
            later("adopt " + together, () -> adopted(together));
        }
    }

    private void adopted(List<Long> ids) {
        if (ids.size() == 1 && world.isUnlucky()) {
            world.unit(ids.get(0)).successor = SimUnit.There.REJECTED;
            on(new SuccessorEvent.UnitRejected(ids.get(0), "unlucky"));
            return;
        }
        ids.forEach(id -> world.unit(id).successor = SimUnit.There.HELD);
        on(new SuccessorEvent.UnitsAdopted(ids));
    }
}
