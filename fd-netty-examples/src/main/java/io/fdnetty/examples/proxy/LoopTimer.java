package io.fdnetty.examples.proxy;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Lets the connections of one event loop look at the clock now and then: cheaper than a timer for each, and exact
 * enough for limits of seconds. Used by that event loop only.
 */
final class LoopTimer {
    /** Who has a limit to keep. */
    interface Watched {
        /**
         * Is anything over?
         *
         * @param nowNanos of {@link System#nanoTime}
         */
        void check(long nowNanos);
    }

    private final EventLoop loop;
    private final long tickNanos;
    private final Set<Watched> watched = new LinkedHashSet<>();
    private @Nullable ScheduledFuture<?> ticking;

    LoopTimer(EventLoop loop, Duration tick) {
        this.loop = loop;
        this.tickNanos = tick.toNanos();
    }

    void add(Watched one) {
        watched.add(one);
        if (ticking == null) {
            ticking = loop.scheduleWithFixedDelay(this::tick, tickNanos, tickNanos, TimeUnit.NANOSECONDS);
        }
    }

    void remove(Watched one) {
        watched.remove(one);
        if (watched.isEmpty() && ticking != null) {
            ticking.cancel(false);
            ticking = null;
        }
    }

    private void tick() {
        long now = System.nanoTime();
        for (Watched one : List.copyOf(watched)) {
            one.check(now);
        }
    }
}
