package io.fdnetty.examples.proxy;

/** Measures how long a client has been idle, or busy with the head of a request. Event loop only. */
final class ClientClock {
    /** What is over. */
    enum Limit {
        NONE,
        IDLE,
        HEAD
    }

    private final ProxySettings.Times times;
    private long idleSince = System.nanoTime();
    private long headSince;

    ClientClock(ProxySettings.Times times) {
        this.times = times;
    }

    /** An exchange has ended. */
    void restart() {
        idleSince = System.nanoTime();
        headSince = 0;
    }

    /** Asked now and then while no exchange is under way. */
    Limit check(long nowNanos, boolean headBegun) {
        if (!headBegun) {
            headSince = 0;
            return nowNanos - idleSince >= times.idleClient().toNanos() ? Limit.IDLE : Limit.NONE;
        }
        headSince = headSince == 0 ? nowNanos : headSince;
        return nowNanos - headSince >= times.head().toNanos() ? Limit.HEAD : Limit.NONE;
    }
}
