package io.fdnetty.migration;

import io.fdnetty.handover.ConnectionUnit;
import io.netty.channel.Channel;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** A captured connection: the channel, deregistered, with a refusing gate as its only handler, and what it carries. */
final class Frozen implements Captured {
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(Frozen.class);

    private final TrackedConnection connection;
    private final Channel channel;
    private final Gate gate;
    private final ConnectionUnit unit;
    private final AtomicBoolean settled = new AtomicBoolean();

    Frozen(TrackedConnection connection, Gate gate, ConnectionUnit unit) {
        this.connection = connection;
        this.channel = connection.channel();
        this.gate = gate;
        this.unit = unit;
    }

    @Override
    public ConnectionUnit unit() {
        return unit;
    }

    @Override
    public void release() {
        settle(this::releaseNow, () -> {});
    }

    @Override
    public void resume(String reason, Consumer<Arrival> back) {
        settle(() -> resumeNow(reason, back), () -> back.accept(gone("its event loop has ended")));
    }

    private RejectedArrival gone(String reason) {
        return new RejectedArrival(unit.id(), reason);
    }

    private void settle(Runnable task, Runnable ifGone) {
        if (!settled.compareAndSet(false, true)) {
            return;
        }
        try {
            channel.eventLoop().execute(task);
        } catch (RejectedExecutionException e) {
            logger.warn("{} was captured and its event loop has ended: closed", connection, e);
            unit.release();
            channel.unsafe().closeForcibly();
            ifGone.run();
        }
    }

    private void releaseNow() {
        unit.release();
        gate.outbound().closeWithChannel(channel);
        channel.unsafe().close(channel.unsafe().voidPromise());
    }

    private void resumeNow(String reason, Consumer<Arrival> back) {
        logger.debug("{} lives on here: {}", connection, reason);
        connection.captureEnded();
        if (channel.isOpen()) {
            Arriving.comeBack(connection, unit, gate, back);
        } else {
            unit.release();
            back.accept(gone("it was closed"));
        }
    }
}
