package io.fdnetty.internal.capture;

import io.fdnetty.internal.connection.TrackedConnection;
import io.fdnetty.internal.protocol.ConnectionUnit;
import io.fdnetty.internal.sys.OneLine;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A captured unit: its channels, deregistered, each with its handlers behind a gate that holds, and what they carry.
 */
final class CapturedUnit implements Captured {
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(CapturedUnit.class);

    private final Capture capture;
    private final TrackedConnection connection;
    private final List<CapturePart> parts;
    private final ConnectionUnit unit;
    private final AtomicBoolean settled = new AtomicBoolean();
    private volatile boolean released;

    /** @param connection the first of the parts */
    CapturedUnit(Capture capture, TrackedConnection connection, List<CapturePart> parts, ConnectionUnit unit) {
        this.capture = capture;
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
        if (settled.compareAndSet(false, true)) {
            released = true;
            onLoop(this::releaseNow);
        }
    }

    @Override
    public void resume(String reason) {
        if (settled.compareAndSet(false, true)) {
            onLoop(() -> {
                logger.debug("{} lives on here: {}", connection, OneLine.of(reason));
                capture.resume(unit::release);
            });
        }
    }

    private void onLoop(Runnable task) {
        try {
            connection.eventLoop().execute(task);
        } catch (RejectedExecutionException e) {
            logger.warn("{} was captured and its event loop has ended: closed", connection, e);
            unit.release();
            parts.forEach(part -> part.connection().channel().unsafe().closeForcibly());
        }
    }

    /** The leader last: those that are linked to it are never on their own. */
    private void releaseNow() {
        for (int i = parts.size() - 1; i >= 0; i--) {
            parts.get(i).release();
        }
        unit.release();
    }

    @Override
    public void closeCopies() {
        if (released) { // a descriptor of a connection that lives on here is no copy
            parts.forEach(CapturePart::closeCopy);
        }
    }
}
