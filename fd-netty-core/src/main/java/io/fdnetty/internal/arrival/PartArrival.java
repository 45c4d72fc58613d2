package io.fdnetty.internal.arrival;

import static java.util.Objects.requireNonNull;

import io.fdnetty.internal.connection.ArrivingConnection;
import io.fdnetty.internal.connection.MovableInitializer;
import io.fdnetty.internal.connection.TrackedConnection;
import io.fdnetty.internal.gate.Gate;
import io.fdnetty.internal.gate.Writability;
import io.fdnetty.internal.netty.SilentRegistration;
import io.fdnetty.internal.protocol.ConnectionPart;
import io.fdnetty.internal.protocol.HandlerState;
import io.fdnetty.internal.survey.ChannelAttributes;
import io.fdnetty.internal.survey.PipelineSurvey;
import io.fdnetty.move.ConnectionMovedException;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One socket of an {@link UnitArrival} unit: its channel, whose pipeline is built behind a holding gate. On its event
 * loop.
 */
public final class PartArrival implements ArrivingConnection {
    private final UnitArrival unit;
    private final MovableInitializer kind;
    private final ConnectionPart part;
    private final Channel channel;
    private final Gate gate = new Gate(this);
    private @Nullable TrackedConnection connection;
    private @Nullable ChannelHandlerContext beforeDecoder;
    private @Nullable Revival revival;
    private @Nullable String refusal;

    PartArrival(UnitArrival unit, MovableInitializer kind, ConnectionPart part, Channel channel) {
        this.unit = unit;
        this.kind = kind;
        this.part = part;
        this.channel = channel;
    }

    Channel channel() {
        return channel;
    }

    TrackedConnection connection() {
        return requireNonNull(connection, "not initialized");
    }

    @Override
    public String listenerName() {
        return part.listener();
    }

    @Override
    public void initialized(TrackedConnection made) {
        connection = made;
    }

    /** Puts the gate into the pipeline of a channel that is not registered. */
    void shutGate() {
        channel.pipeline().addFirst(gate);
    }

    @Override
    public void gateFirst() {
        ChannelPipeline pipeline = channel.pipeline();
        if (pipeline.first() != gate) {
            pipeline.remove(gate);
            pipeline.addFirst(gate);
        }
    }

    /** Registers a connection that no listener brings up. */
    void join(EventLoop loop) {
        channel.pipeline().addLast(kind);
        channel.closeFuture().addListener(closed -> unit.gone());
        register(loop);
    }

    private void register(EventLoop loop) {
        loop.register(channel).addListener(registration -> {
            if (!registration.isSuccess()) {
                channel.unsafe().closeForcibly();
                unit.reject("its event loop did not take it: " + registration.cause());
            }
        });
    }

    @Override
    public void added(ChannelHandlerContext ctx) {
        if (!unit.begin(this)) {
            return;
        }
        if (unit.isQuiet()) {
            SilentRegistration.wake(channel);
        }
        Writability.set(channel, false);
    }

    @Override
    public void registered(ChannelHandlerContext ctx) {
        ctx.fireChannelRegistered();
        unit.registered(this);
    }

    @Override
    public void refuse(String reason) {
        refusal = reason;
    }

    /** Whether the author takes it and his handlers are there; returns why not, null if so. */
    @Nullable
    String check() {
        if (refusal != null) {
            return refusal;
        }
        TrackedConnection made = connection;
        return made != null && made.initializer() == kind
                ? null
                : "listener " + part.listener() + " does not bring up connections of the kind " + kind.kind();
    }

    /** Gives the handlers their states; returns why that failed, null if it did not. */
    @Nullable
    String restore() {
        String failure = new ChannelAttributes(channel, kind.options()).load(part.state());
        if (failure == null) {
            failure = kind.rebuild(channel);
        }
        PipelineSurvey survey = PipelineSurvey.of(channel, kind.options(), gate);
        if (failure == null) {
            failure = StateRestoration.restore(survey, handlerStates());
        }
        if (failure == null && part.has(ConnectionPart.UNREAD_AT_DECODER)) {
            beforeDecoder = survey.beforeFirstDecoder();
            failure = beforeDecoder == null ? "its unread bytes are a decoder's, and it has none here" : null;
        }
        return failure == null && gate.outbound().isCloseRequested() ? "its handlers closed it as it arrived" : failure;
    }

    private List<HandlerState> handlerStates() {
        return part.state().stream()
                .filter(state -> !ChannelAttributes.isAttribute(state))
                .toList();
    }

    /** Writes from now on; or only what is left, if it was to be closed. */
    void activate() {
        if (!channel.isOpen()) {
            return;
        }
        boolean restored = kind.options().isRestored() || !handlerStates().isEmpty();
        Revival begun = new Revival(gate, part, restored, beforeDecoder);
        if (part.has(ConnectionPart.CLOSE_AFTER_WRITE) || gate.outbound().isCloseRequested()) {
            begun.speakLastWords(unit.isLinked());
        } else {
            revival = begun;
            begun.activate();
        }
    }

    /** Reads, too. */
    void live() {
        if (revival != null) {
            revival.live();
        }
    }

    @Override
    public void closedWhileHeld(ChannelHandlerContext ctx) {
        fail("the connection ended as it arrived");
    }

    @Override
    public boolean isOver() {
        return unit.isOver();
    }

    /** The descriptor is closed; now whoever waits for the end of the channel notices. */
    void closed() {
        channel.unsafe().close(channel.unsafe().voidPromise());
    }

    /** Closes this copy; the handlers are only removed. */
    void dismantle(String reason) {
        if (!channel.isRegistered()) {
            channel.unsafe().closeForcibly();
        } else if (channel.isOpen()) {
            removeHandlers();
            fail(reason);
            channel.unsafe().close(channel.unsafe().voidPromise());
        }
    }

    private void removeHandlers() {
        ChannelPipeline pipeline = channel.pipeline();
        while (pipeline.last() != null && pipeline.last() != gate) {
            pipeline.removeLast();
        }
        gate.mode(Gate.Mode.REFUSE);
    }

    private void fail(String reason) {
        gate.outbound().fail(new ConnectionMovedException(reason));
        gate.outbound().closeWithChannel(channel);
        gate.inbound().discard();
    }
}
