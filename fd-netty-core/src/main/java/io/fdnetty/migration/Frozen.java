package io.fdnetty.migration;

import io.fdnetty.handover.ConnectionUnit;
import io.netty.channel.Channel;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** A captured unit: its channels, deregistered, each with a refusing gate as its only handler, and what they carry. */
final class Frozen implements Captured {
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(Frozen.class);

    private final TrackedConnection connection;
    private final List<CapturePart> parts;
    private final ConnectionUnit unit;
    private final AtomicBoolean settled = new AtomicBoolean();

    /** @param connection the first of the parts */
    Frozen(TrackedConnection connection, List<CapturePart> parts, ConnectionUnit unit) {
        this.connection = connection;
        this.parts = parts;
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
        settle(
                () -> resumeNow(reason, back),
                () -> back.accept(new RejectedArrival(unit.id(), "its event loop has ended")));
    }

    private void settle(Runnable task, Runnable ifGone) {
        if (!settled.compareAndSet(false, true)) {
            return;
        }
        try {
            connection.eventLoop().execute(task);
        } catch (RejectedExecutionException e) {
            logger.warn("{} was captured and its event loop has ended: closed", connection, e);
            unit.release();
            parts.forEach(part -> part.connection().channel().unsafe().closeForcibly());
            ifGone.run();
        }
    }

    /** The leader last: those that are linked to it are never on their own. */
    private void releaseNow() {
        unit.release();
        for (int i = parts.size() - 1; i >= 0; i--) {
            release(parts.get(i));
        }
    }

    private static void release(CapturePart part) {
        Channel channel = part.connection().channel();
        part.gate().outbound().closeWithChannel(channel);
        channel.unsafe().close(channel.unsafe().voidPromise());
    }

    private void resumeNow(String reason, Consumer<Arrival> back) {
        logger.debug("{} lives on here: {}", connection, reason);
        connection.captureEnded();
        Arriving.comeBack(connection, unit, parts, back);
    }
}
