package io.fdnetty.migration;

import static java.util.Objects.requireNonNull;

import io.fdnetty.adoption.Listener;
import io.fdnetty.fd.Descriptor;
import io.fdnetty.handover.ConnectionPart;
import io.fdnetty.handover.ConnectionUnit;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.io.IOException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One unit on its way to life: a channel whose pipeline is built behind a holding gate, the same for a connection that comes from
 * another process and one that comes back. Its events are those of the channel's event loop; {@link #start} and {@link
 * #abandon} may be called on any thread.
 */
final class Arriving implements Arrival, Gate.Owner {
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(Arriving.class);

    private final LiveConnections connections;
    private final ConnectionUnit unit;
    private final ConnectionPart part;
    private final Channel channel;
    private final Consumer<Arrival> whenDone;
    private final boolean sameChannel;
    private final Gate gate = new Gate(this);
    private final Restoration restoration = new Restoration();
    private final AtomicBoolean answered = new AtomicBoolean();
    private final AtomicBoolean ended = new AtomicBoolean();
    private @Nullable TrackedConnection connection;
    /** Set where the channel cannot be registered without reading: then it is delivered at the start. */
    private @Nullable Runnable delivery;

    private LongConsumer started = pauseMicros -> {};
    private String rejection = "";

    private Arriving(
            LiveConnections connections,
            ConnectionUnit unit,
            Channel channel,
            Consumer<Arrival> whenDone,
            boolean sameChannel) {
        this.connections = connections;
        this.unit = unit;
        this.part = unit.parts().get(0);
        this.channel = channel;
        this.whenDone = whenDone;
        this.sameChannel = sameChannel;
    }

    /** A unit from another process; takes ownership of it. */
    static void adopt(LiveConnections connections, ConnectionUnit unit, Consumer<Arrival> whenDone) {
        String refusal = refusalOf(connections, unit);
        Listener listener = connections.listenerFor(unit.parts().get(0).listener(), unit.id());
        if (refusal == null && listener == null) {
            refusal = "there is no listener " + unit.parts().get(0).listener();
        }
        if (refusal != null || listener == null) {
            unit.release();
            whenDone.accept(new RejectedArrival(unit.id(), String.valueOf(refusal)));
            return;
        }
        adopt(connections, unit, listener, whenDone);
    }

    private static void adopt(
            LiveConnections connections, ConnectionUnit unit, Listener listener, Consumer<Arrival> whenDone) {
        Channel child;
        try {
            Descriptor received = unit.parts().get(0).descriptor();
            child = listener.newChild(Descriptor.adopt(received.take(), received.name()));
        } catch (IOException e) {
            unit.release();
            whenDone.accept(new RejectedArrival(unit.id(), String.valueOf(e.getMessage())));
            return;
        }
        new Arriving(connections, unit, child, whenDone, false).arrive(listener);
    }

    private static @Nullable String refusalOf(LiveConnections connections, ConnectionUnit unit) {
        if (unit.missingDescriptors() > 0) {
            return unit.missingDescriptors() + " of its descriptors did not arrive";
        }
        if (unit.parts().size() > 1) {
            return "it has " + unit.parts().size() + " sockets; only units of one are known";
        }
        MovableInitializer kind = connections.kind(unit.kind());
        if (kind == null) {
            return "connections of the kind " + unit.kind() + " are not known";
        }
        if (!kind.options().accepts(unit.version())) {
            return unit.kind() + " has version " + unit.version() + ", "
                    + kind.options().versions() + " can be taken";
        }
        return null;
    }

    /** A captured connection that stays; on its event loop. Takes ownership of the unit. */
    static void comeBack(TrackedConnection connection, ConnectionUnit unit, Gate frozen, Consumer<Arrival> back) {
        Channel channel = connection.channel();
        Arriving arriving = new Arriving(
                connection.initializer().connections(), unit, channel, arrival -> isBack(arrival, back), true);
        arriving.connection = connection;
        Internals.allowFin(channel, unit.parts().get(0).has(ConnectionPart.OUTPUT_SHUTDOWN));
        channel.pipeline().replace(frozen, null, arriving.gate);
        frozen.outbound().moveClosesTo(arriving.gate.outbound());
        channel.config().setAutoRead(connection.isAutoRead());
        channel.eventLoop().register(channel).addListener(registration -> {
            if (!registration.isSuccess()) {
                arriving.reject("its event loop did not take it back: " + registration.cause());
            }
        });
    }

    private static void isBack(Arrival arrival, Consumer<Arrival> back) {
        if (!arrival.isAdopted()) {
            logger.error("Connection {} could not be brought back: {}", arrival.id(), arrival.rejection());
        }
        back.accept(arrival);
    }

    /** The arrival that this channel is part of; null if it is none, or has started. */
    static @Nullable Arriving in(Channel channel) {
        ChannelHandler first = channel.pipeline().first();
        return first instanceof Gate gate && gate.owner() instanceof Arriving arriving ? arriving : null;
    }

    private void arrive(Listener listener) {
        channel.pipeline().addFirst(gate);
        if (connections.registersQuietly(channel)) {
            deliver(listener);
        } else {
            delivery = () -> deliver(listener);
            answer(this);
        }
    }

    private void deliver(Listener listener) {
        channel.closeFuture().addListener(closed -> gone());
        listener.deliver(channel).addListener(delivered -> {
            if (!delivered.isSuccess()) {
                channel.unsafe().closeForcibly();
                gone();
            } else if (!channel.isOpen()) {
                gone();
            }
        });
    }

    /** The channel is closed, whatever was under way. */
    private void gone() {
        if (ended.compareAndSet(false, true)) {
            unit.release();
        }
        answer(new RejectedArrival(
                unit.id(), rejection.isEmpty() ? "the channel was closed as it arrived" : rejection));
    }

    private void answer(Arrival arrival) {
        if (answered.compareAndSet(false, true)) {
            whenDone.accept(arrival);
        }
    }

    @Override
    public void added(ChannelHandlerContext ctx) {
        if (!sameChannel && delivery == null) {
            Quiet.wake(channel);
        }
        Writability.set(channel, false);
    }

    String listenerName() {
        return part.listener();
    }

    /** The author's handlers are about to be added. */
    void initialized(TrackedConnection made) {
        connection = made;
    }

    @Override
    public void registered(ChannelHandlerContext ctx) {
        if (sameChannel) {
            requireNonNull(connection).initializer().initializeAgain(channel);
        }
        ctx.fireChannelRegistered();
        String failure = bringUp();
        if (failure != null) {
            reject(failure);
        } else if (delivery != null) {
            onLoop(this::startNow);
        } else {
            answer(this);
        }
    }

    private @Nullable String bringUp() {
        TrackedConnection made = connection;
        if (made == null || !made.kind().equals(unit.kind())) {
            return "listener " + part.listener() + " does not bring up connections of the kind " + unit.kind();
        }
        Survey survey = Survey.of(channel, made.initializer().options(), gate);
        String failure = restoration.restore(survey, part.state());
        if (failure != null) {
            return failure;
        }
        return gate.outbound().isCloseRequested() && !sameChannel ? "its handlers closed it as it arrived" : null;
    }

    @Override
    public void closedWhileHeld(ChannelHandlerContext ctx) {
        gate.outbound().fail(new ConnectionMovedException("the connection ended as it arrived"));
        gate.outbound().closeWithChannel(ctx.channel());
        gate.inbound().discard();
    }

    private void reject(String reason) {
        rejection = reason;
        endWith(reason);
        answer(new RejectedArrival(unit.id(), reason));
        if (delivery != null) {
            logger.error("Connection {} was taken over and could not be brought up: {}", unit.id(), reason);
        }
    }

    /** Closes this copy; the handlers are only removed. */
    private void dismantle(String reason) {
        ChannelPipeline pipeline = channel.pipeline();
        while (pipeline.last() != null && pipeline.last() != gate) {
            pipeline.removeLast();
        }
        gate.mode(Gate.Mode.REFUSE);
        gate.outbound().fail(new ConnectionMovedException(reason));
        gate.outbound().closeWithChannel(channel);
        gate.inbound().discard();
        unit.release();
        channel.unsafe().close(channel.unsafe().voidPromise());
    }

    @Override
    public long id() {
        return unit.id();
    }

    @Override
    public boolean isAdopted() {
        return true;
    }

    @Override
    public String rejection() {
        return "";
    }

    @Override
    public void start(LongConsumer whenStarted) {
        started = whenStarted;
        if (delivery != null) {
            delivery.run();
        } else {
            onLoop(this::startNow);
        }
    }

    private void startNow() {
        if (!ended.compareAndSet(false, true)) {
            return;
        }
        TrackedConnection made = requireNonNull(connection);
        if (!sameChannel) {
            connections.add(made);
        }
        Revival revival = new Revival(gate, part, sameChannel);
        if (part.has(ConnectionPart.CLOSE_AFTER_WRITE) || gate.outbound().isCloseRequested()) {
            revival.speakLastWords();
        } else {
            boolean restored =
                    made.initializer().options().isRestored() || !part.state().isEmpty();
            revival.live(restoration, restored);
        }
        long pause = Clock.nowMicros() - unit.capturedAtMicros();
        unit.release();
        started.accept(pause);
    }

    @Override
    public void abandon() {
        if (delivery == null) {
            onLoop(() -> endWith("it went back to the process that it came from"));
        } else {
            endWith("it went back to the process that it came from");
        }
    }

    private void endWith(String reason) {
        if (ended.compareAndSet(false, true)) {
            dismantle(reason);
        }
    }

    /** Always in a task of its own: the channel may still be in the middle of its registration. */
    private void onLoop(Runnable task) {
        try {
            channel.eventLoop().execute(task);
        } catch (RejectedExecutionException e) {
            logger.debug("{} has no event loop any more", channel, e);
            gone();
        }
    }
}
