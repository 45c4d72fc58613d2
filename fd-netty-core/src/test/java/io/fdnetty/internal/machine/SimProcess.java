package io.fdnetty.internal.machine;

import io.fdnetty.internal.protocol.Message;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * One process of the exploration: a driver whose every action is a step of its own, so that death, hanging and the
 * other process may come between any two.
 */
abstract class SimProcess {
    /** A write that the socket has not taken. */
    record Pending(Message message, Runnable written) {}

    /** Something that may happen next. */
    record Step(String name, Runnable run) {}

    final Simulation world;
    final SimSocket.End end;
    final Random random;
    final Deque<Step> todo = new ArrayDeque<>();
    final Deque<Pending> outbox = new ArrayDeque<>();
    final List<Step> background = new ArrayList<>();

    @Nullable
    Deadline armed;

    boolean dead;
    boolean hung;
    boolean accepting;
    boolean left;
    boolean endReported;

    SimProcess(Simulation world, SimSocket.End end) {
        this.world = world;
        this.end = end;
        this.random = world.random;
    }

    abstract String name();

    abstract boolean isEnded();

    abstract void received(Message message);

    abstract void socketEnded();

    abstract void torn();

    abstract void writesFailed();

    /** The socket took it whole; the process does not know yet. */
    void taken(Message message) {}

    abstract void deadlineReached(Deadline wait);

    /** The steps that this process may take now; deadlines are asked for separately. */
    List<Step> steps() {
        List<Step> steps = new ArrayList<>();
        if (dead || hung) {
            return steps;
        }
        if (!todo.isEmpty()) {
            Step next = todo.peek();
            steps.add(new Step(next.name(), () -> todo.remove().run().run()));
            return steps;
        }
        if (!left) {
            socketSteps(steps);
        }
        for (Step step : background) {
            steps.add(new Step(step.name(), () -> {
                background.remove(step);
                step.run().run();
            }));
        }
        return steps;
    }

    private void socketSteps(List<Step> steps) {
        if (!end.inbox.isEmpty()) {
            steps.add(new Step("receive " + end.inbox.peek().label(), () -> received(end.inbox.remove())));
        } else if (world.socket.atEnd(end) && end.torn) {
            steps.add(new Step("a torn frame", () -> {
                end.torn = false;
                torn();
            }));
        } else if (world.socket.atEnd(end) && !endReported) {
            steps.add(new Step("end of socket", () -> {
                endReported = true;
                socketEnded();
            }));
        }
        if (!outbox.isEmpty() && !world.socket.canWrite(end)) {
            steps.add(new Step("writes fail", this::failWrites));
        } else if (!outbox.isEmpty() && world.socket.hasRoom(end)) {
            steps.add(new Step("write " + outbox.peek().message().label(), this::flushOne));
        }
    }

    private void failWrites() {
        outbox.clear();
        writesFailed();
    }

    private void flushOne() {
        Pending pending = outbox.remove();
        world.socket.write(end, pending.message());
        taken(pending.message());
        todo.addFirst(new Step("written " + pending.message().label(), pending.written()));
    }

    void write(Message message, Runnable written) {
        outbox.add(new Pending(message, written));
    }

    void common(CommonAction action) {
        if (action instanceof CommonAction.Send send) {
            send(send.message());
        } else if (action instanceof CommonAction.StartDeadline start) {
            armed = start.waitFor();
        } else if (action instanceof CommonAction.CancelDeadline) {
            armed = null;
        } else if (action instanceof CommonAction.CloseControl) {
            closeControl();
        } else if (action instanceof CommonAction.Discard discard) {
            discard.message().discard();
        }
    }

    abstract void send(Message message);

    private void closeControl() {
        while (!outbox.isEmpty() && world.socket.canWrite(end) && world.socket.hasRoom(end)) {
            world.socket.write(end, outbox.remove().message());
        }
        outbox.clear();
        world.socket.close(end);
        left = true;
    }

    private void fireDeadline() {
        Deadline wait = armed;
        armed = null;
        if (wait != null) {
            deadlineReached(wait);
        }
    }

    /** Adds what happens to it when time passes. */
    void patience(List<Step> steps) {
        if (!dead && !hung && todo.isEmpty() && armed != null) {
            steps.add(new Step(name() + ": deadline " + armed, this::fireDeadline));
        }
        if (hung && !dead) {
            steps.add(new Step(name() + " goes on", () -> hung = false));
        }
    }

    void later(String what, Runnable run) {
        background.add(new Step(name() + ": " + what, run));
    }
}
