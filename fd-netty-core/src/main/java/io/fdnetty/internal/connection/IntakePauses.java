package io.fdnetty.internal.connection;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.fdnetty.internal.gate.BytesHold;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Holds back what comes in on a connection that waits to move until its messages are answered, so that a client that
 * never pauses is moved too: for a while, then messages pass for as long, and so on, each time longer. Bytes that are
 * held when it moves move along unread.
 *
 * <p>Event loop only.
 */
final class IntakePauses {
    private static final long FIRST_MILLIS = 100;
    private static final long LONGEST_MILLIS = 2000;

    private final TrackedConnection connection;
    private final Channel channel;
    private final EventLoop loop;
    private long millis = FIRST_MILLIS;
    private @Nullable BytesHold hold;
    private @Nullable Future<?> next;

    IntakePauses(TrackedConnection connection) {
        this.connection = connection;
        this.channel = connection.channel();
        this.loop = channel.eventLoop();
    }

    /** The connection waits. Does nothing if that is known. */
    void begin() {
        if (next == null) {
            hold();
        }
    }

    private void hold() {
        if (isStopped()) {
            next = loop.schedule(this::hold, FIRST_MILLIS, MILLISECONDS);
        } else if (channel.isOpen()) {
            if (hold == null) {
                hold = new BytesHold();
                channel.pipeline().addFirst(hold);
            }
            next = loop.schedule(this::pass, millis, MILLISECONDS);
        }
    }

    /** Nothing is let in while the connection is stopped: what is held may be on its way to another process. */
    private void pass() {
        if (isStopped()) {
            next = loop.schedule(this::pass, FIRST_MILLIS, MILLISECONDS);
        } else {
            next = loop.schedule(this::hold, millis, MILLISECONDS);
            millis = Math.min(2 * millis, LONGEST_MILLIS);
            release();
        }
    }

    private boolean isStopped() {
        return connection.leader().isStopped();
    }

    /** It waits no more: what is held goes on its way, in a task of its own. */
    void end() {
        if (next != null) {
            next.cancel(false);
            next = null;
            millis = FIRST_MILLIS;
            loop.execute(this::releaseUnlessWaiting);
        }
    }

    private void releaseUnlessWaiting() {
        if (next == null) {
            release();
        }
    }

    private void release() {
        BytesHold held = hold;
        hold = null;
        if (held != null && channel.pipeline().context(held) != null) {
            channel.pipeline().remove(held);
        }
    }
}
