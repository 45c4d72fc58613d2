package io.fdnetty.migration;

import static java.util.Objects.requireNonNull;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import org.jspecify.annotations.Nullable;

/** One socket of a {@link Capture}: its gate, and what is harvested behind it. Event loop only. */
final class CapturePart implements Gate.Owner {
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(CapturePart.class);

    private final TrackedConnection connection;
    private final Channel channel;
    private final int limit;
    private @Nullable Gate gate;
    private @Nullable Harvest harvest;
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

    Gate gate() {
        return requireNonNull(gate, "not stopped");
    }

    Harvest harvest() {
        return requireNonNull(harvest, "not harvested");
    }

    /** Why it cannot be stopped now; null if it can. */
    @Nullable
    Refusal refusal(Runnable now) {
        if (connection.initializer().isOutbound()) {
            if (!channel.isActive()) {
                return Refusal.later("it is still connecting");
            }
            if (connection.isMember() && connection.isStopped()) {
                return Refusal.later("it is stopped to be moved by itself");
            }
        } else if (connection.listenerName().isEmpty()) {
            return Refusal.never("no listener of the upgrade accepted it");
        }
        Refusal refusal = survey().refusal(now);
        return refusal != null ? refusal : Harvest.refusalOfOutbound(channel, limit);
    }

    private Survey survey() {
        return Survey.of(channel, connection.initializer().options(), gate);
    }

    /** Shuts the gate and leaves the event loop. */
    void stop(Runnable deregistered) {
        Gate shut = new Gate(this);
        gate = shut;
        channel.pipeline().addFirst(shut);
        Writability.set(channel, false);
        shut.context().deregister().addListener(done -> deregistered.run());
    }

    /** Begins the harvest of the stopped channel, if its handlers still agree; returns why not. */
    @Nullable
    Refusal begin(Runnable now) {
        Survey survey = survey();
        Refusal refusal = survey.refusal(now);
        if (refusal == null) {
            harvest = new Harvest(channel, gate(), survey, limit);
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
        logger.warn("{} cannot go back to its event loop", connection, cause);
        gate().outbound().fail(cause);
        end();
    }

    private void end() {
        discardHarvest();
        gate = null;
        thawed.run();
    }

    /** The channel is in its event loop again: the gate opens. Its handlers never noticed that it was out. */
    @Override
    public void registered(ChannelHandlerContext ctx) {
        Gate shut = gate();
        if (harvest != null) {
            harvest.giveBack();
            harvest = null;
        }
        shut.open();
        gate = null;
        thawed.run();
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
