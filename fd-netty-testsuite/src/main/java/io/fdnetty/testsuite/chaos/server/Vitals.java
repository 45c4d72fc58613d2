package io.fdnetty.testsuite.chaos.server;

import io.fdnetty.examples.server.EventLine;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Tells every two seconds how much memory this process holds outside of its heap, after a collection. */
final class Vitals {
    private static final int INTERVAL_MILLIS = 2_000;

    private Vitals() {}

    /** Begins to tell, on a daemon thread. */
    static void watch() {
        ScheduledExecutorService clock =
                Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("vitals", true));
        clock.scheduleAtFixedRate(Vitals::tell, INTERVAL_MILLIS, INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** A buffer that was lost is reported by Netty when it has been collected and another one is made. */
    private static void tell() {
        System.gc();
        ByteBufAllocator.DEFAULT.directBuffer(1).release();
        EventLine.of("vitals")
                .with("pid", ProcessHandle.current().pid())
                .with("direct", direct())
                .print(System.out);
    }

    private static long direct() {
        return ByteBufAllocator.DEFAULT instanceof ByteBufAllocatorMetricProvider provider
                ? provider.metric().usedDirectMemory()
                : 0;
    }
}
