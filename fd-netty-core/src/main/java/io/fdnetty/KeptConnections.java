package io.fdnetty;

import io.netty.channel.Channel;
import io.netty.util.concurrent.EventExecutor;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** The connections that an upgrade leaves in this process, and why; each until it moves after all or ends. On the control loop. */
final class KeptConnections {
    private final EventExecutor control;
    private final UpgradeJournal journal;
    private final Map<Channel, Kept> kept = new HashMap<>();
    private final Map<String, Long> reasons = new LinkedHashMap<>();

    private record Kept(String reason, Runnable forgotten) {}

    KeptConnections(EventExecutor control, UpgradeJournal journal) {
        this.control = control;
        this.journal = journal;
    }

    /**
     * @param forgotten run when nobody waits for this connection any more
     */
    void keep(Channel channel, String reason, Runnable forgotten) {
        Kept before = kept.put(channel, new Kept(reason, forgotten));
        reasons.merge(reason, 1L, Long::sum);
        if (before == null) {
            channel.closeFuture().addListener(closed -> onControl(() -> ended(channel)));
        } else {
            uncount(before);
        }
        journal.kept(reasons);
    }

    /** Nobody counts any more once the upgrader is closed. */
    private void onControl(Runnable task) {
        if (!control.isShuttingDown()) {
            control.execute(task);
        }
    }

    /** It moves after all; false if it was not kept. */
    boolean moves(Channel channel) {
        Kept before = kept.remove(channel);
        if (before == null) {
            return false;
        }
        uncount(before);
        journal.kept(reasons);
        return true;
    }

    private void ended(Channel channel) {
        if (moves(channel)) {
            journal.closed(1);
        }
    }

    private void uncount(Kept before) {
        reasons.computeIfPresent(before.reason, (reason, count) -> count == 1 ? null : count - 1);
    }

    /** Nobody waits any more for those that could not move at once. */
    void forgetAll() {
        kept.values().forEach(each -> each.forgotten.run());
    }
}
