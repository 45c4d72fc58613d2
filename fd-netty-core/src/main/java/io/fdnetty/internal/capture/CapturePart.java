package io.fdnetty.internal.capture;

import static java.util.Objects.requireNonNull;

import io.fdnetty.internal.connection.TrackedConnection;
import io.fdnetty.internal.gate.Gate;
import io.fdnetty.internal.gate.Refusal;
import io.fdnetty.internal.gate.UnreadDiscarder;
import io.fdnetty.internal.gate.Writability;
import io.fdnetty.internal.listener.HalfClosure;
import io.fdnetty.internal.netty.ChannelInternals;
import io.fdnetty.internal.netty.SocketBarrier;
import io.fdnetty.internal.netty.UnreadBytes;
import io.fdnetty.internal.survey.PipelineSurvey;
import io.fdnetty.move.ConnectionMovedException;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.unix.UnixChannel;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One socket of a {@link Capture}: its gate, and what is harvested behind it. Event loop only. */
final class CapturePart implements Gate.Owner {
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(CapturePart.class);

    private final TrackedConnection connection;
    private final Channel channel;
    private final int limit;
    private @Nullable Gate gate;
    private @Nullable PartHarvest harvest;
    private Runnable thawed = () -> {};
    private boolean heardOfClose;

    CapturePart(TrackedConnection connection) {
        this.connection = connection;
        this.channel = connection.channel();
        this.limit = connection.initializer().connections().limits().maxUnitBytes();
    }

    TrackedConnection connection() {
        return connection;
    }

    /** The bytes that are written and not sent, those that wait at the gate included. */
    long pending() {
        ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
        long held = gate == null ? 0 : gate.outbound().bytes();
        return held + (buffer == null ? 0 : buffer.totalPendingWriteBytes());
    }

    int highWaterMark() {
        return channel.config().getWriteBufferHighWaterMark();
    }

    Gate gate() {
        return requireNonNull(gate, "not stopped");
    }

    PartHarvest harvest() {
        return requireNonNull(harvest, "not harvested");
    }

    /** Why it cannot be stopped now; null if it can. */
    @Nullable
    Refusal refusal(Runnable now) {
        List<Refusal> lasting = lasting();
        if (!lasting.isEmpty()) {
            return Refusal.all(lasting);
        }
        Refusal refusal = survey().refusal(now);
        return refusal != null ? refusal : PartHarvest.refusalOfOutbound(channel, limit);
    }

    /** Why it cannot be stopped now, whatever its handlers are. */
    List<Refusal> lasting() {
        List<Refusal> all = new ArrayList<>(0);
        if (!SocketBarrier.isAvailable() || !UnreadBytes.isAvailable()) {
            all.add(Refusal.never(
                    "Netty's channels cannot be stopped from here: start the JVM with " + SocketBarrier.HOW_TO_OPEN));
        }
        if (!connection.initializer().isOutbound()) {
            if (connection.listenerName().isEmpty()) {
                all.add(Refusal.never("no listener of the upgrade accepted it"));
            }
        } else if (!channel.isActive()) {
            all.add(Refusal.later("it is still connecting"));
        } else if (connection.isMember() && connection.isStopped()) {
            all.add(Refusal.later("it is stopped to be moved by itself"));
        }
        return all;
    }

    private PipelineSurvey survey() {
        return PipelineSurvey.of(channel, connection.initializer().options(), gate);
    }

    /** Shuts the gate and leaves the event loop. */
    void stop(Runnable deregistered) {
        Gate shut = new Gate(this);
        gate = shut;
        if (!channel.config().isAutoRead() && ChannelInternals.isReadOutstanding(channel)) {
            shut.readIsOutstanding();
        }
        shut.passEvents(true);
        channel.pipeline().addFirst(shut);
        Writability.set(channel, false);
        shut.context().deregister().addListener(done -> {
            if (channel.isOpen()) {
                SocketBarrier.raise(channel); // not before: until here the socket may end the connection
            }
            deregistered.run();
        });
    }

    /** Begins the harvest of the stopped channel, if its handlers still agree; returns why not. */
    @Nullable
    Refusal begin(Runnable now) {
        PipelineSurvey survey = survey();
        Refusal refusal = survey.refusal(now);
        if (refusal == null) {
            harvest = new PartHarvest(channel, gate(), survey, limit);
        }
        return refusal;
    }

    /** Opens the gate again, in the event loop; the connection serves on. */
    void thaw(Runnable whenDone) {
        thawed = whenDone;
        if (!channel.isOpen()) {
            endClosed();
            return;
        }
        channel.eventLoop().register(channel).addListener(registration -> {
            if (!registration.isSuccess()) {
                notThawed(registration.cause());
            }
        });
    }

    /** A channel that is closed when it is out of its event loop fires nothing. */
    private void endClosed() {
        if (!heardOfClose) {
            gate().closed();
        }
        end();
    }

    private void notThawed(Throwable cause) {
        logger.warn("{} cannot go back to its event loop: closed", connection, cause);
        gate().outbound().fail(cause);
        channel.unsafe().closeForcibly();
        end();
    }

    private void end() {
        SocketBarrier.lower(channel);
        discardHarvest();
        gate = null;
        thawed.run();
    }

    /**
     * Another process owns the connection: removes the handlers, for which writes fail from now on, and closes this
     * copy. The gate stays, so that whoever still holds the channel or one of its contexts writes into it.
     */
    void release() {
        Gate shut = gate();
        connection.leave();
        ConnectionMovedException cause = new ConnectionMovedException("another process has taken the connection over");
        countLate(shut);
        shut.refuse(cause);
        failBypassing(cause);
        discardHarvest();
        removeHandlers(shut);
        SocketBarrier.closeCause(channel, cause);
        SocketBarrier.lower(channel);
        channel.unsafe().close(channel.unsafe().voidPromise());
    }

    /** What was written past the gate lies in the channel's own buffer. */
    private void failBypassing(Throwable cause) {
        ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
        if (buffer != null) {
            buffer.addFlush();
            connection.late("writes", buffer.size());
            while (buffer.remove(cause)) {
                // each fails its promise
            }
        }
    }

    private void countLate(Gate shut) {
        connection.late("writes", shut.outbound().writes());
        connection.late("events", shut.inbound().foreign());
        connection.late("closes", closedLate(shut) ? 1 : 0);
    }

    /** Whether handlers closed the connection after it was captured. */
    private boolean closedLate(Gate shut) {
        return shut.outbound().isCloseRequested() && harvest != null && !harvest.closesAfterWrite();
    }

    @Override
    public void refusedWrite() {
        connection.late("writes", 1);
    }

    private void removeHandlers(Gate shut) {
        ChannelPipeline pipeline = channel.pipeline();
        UnreadDiscarder discarder = new UnreadDiscarder();
        pipeline.addLast(discarder);
        List<ChannelHandler> handlers = new ArrayList<>(pipeline.toMap().values());
        for (int i = handlers.size() - 1; i >= 0; i--) {
            ChannelHandler handler = handlers.get(i);
            if (handler != shut && handler != discarder && pipeline.context(handler) != null) {
                pipeline.remove(handler);
            }
        }
        pipeline.remove(discarder);
    }

    /**
     * Closes this copy if its event loop has not come to it, on any thread: the peer waits for the last copy's close.
     */
    void closeCopy() {
        try {
            ((UnixChannel) channel).fd().close();
        } catch (IOException e) {
            logger.debug("{} could not be closed", connection, e);
        }
    }

    /** The channel is in its event loop again: the gate opens. Its handlers never noticed that it was out. */
    @Override
    public void registered(ChannelHandlerContext ctx) {
        Gate shut = gate();
        HalfClosure.registeredAgain(channel);
        SocketBarrier.lower(channel);
        PartHarvest back = harvest;
        harvest = null;
        if (back != null) {
            back.giveBackUnwritten();
        }
        shut.open(back == null ? () -> {} : back::giveBackUnread);
        writeOn();
        gate = null;
        thawed.run();
    }

    /** What waited for the socket to become writable waits no more: the deregistration ended that. */
    private void writeOn() {
        ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
        if (buffer != null && !buffer.isEmpty()) {
            channel.unsafe().flush();
        }
    }

    @Override
    public void closedWhileHeld(ChannelHandlerContext ctx) {
        heardOfClose = true;
        discardHarvest();
        gate().closed();
    }

    private void discardHarvest() {
        if (harvest != null) {
            harvest.discard();
            harvest = null;
        }
    }

    /** Names the connection in a refusal, if it is not the one that was asked to move. */
    @Nullable
    Refusal named(@Nullable Refusal refusal) {
        return refusal == null || !connection.isMember() ? refusal : refusal.ofLinked(connection.kind());
    }
}
