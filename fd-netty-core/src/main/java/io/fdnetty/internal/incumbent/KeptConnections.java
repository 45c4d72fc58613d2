package io.fdnetty.internal.incumbent;

import io.fdnetty.internal.report.UpgradeJournal;
import io.fdnetty.internal.sys.OneLine;
import io.netty.channel.Channel;
import io.netty.util.concurrent.EventExecutor;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The connections that an upgrade leaves in this process, and why: those that still do, and those that ended here. Logs
 * each reason once. On the control loop.
 */
final class KeptConnections {
    /** Reasons may differ for each connection. */
    private static final int MOST_REASONS = 32;

    private static final String OTHERS = "other reasons";

    private final EventExecutor control;
    private final UpgradeJournal journal;
    private final Map<Channel, Kept> kept = new HashMap<>();
    private final Map<String, Long> reasons = new LinkedHashMap<>();
    private final Map<String, Long> ended = new LinkedHashMap<>();
    private final Set<String> logged = new HashSet<>();
    private boolean served;

    private record Kept(String reason, Runnable forgotten) {}

    KeptConnections(EventExecutor control, UpgradeJournal journal) {
        this.control = control;
        this.journal = journal;
    }

    /** @param forgotten run when nobody waits for this connection any more */
    void keep(Channel channel, String why, Runnable forgotten) {
        String reason = counted(OneLine.of(why));
        Kept before = kept.put(channel, new Kept(reason, forgotten));
        reasons.merge(reason, 1L, Long::sum);
        if (before == null) {
            channel.closeFuture().addListener(closed -> onControl(() -> ended(channel)));
        } else {
            uncount(before);
        }
        report();
        if (served) {
            log(reason, 1L);
        }
    }

    private String counted(String reason) {
        boolean fits = reasons.size() + ended.size() < MOST_REASONS;
        return fits || reasons.containsKey(reason) || ended.containsKey(reason) ? reason : OTHERS;
    }

    private void report() {
        journal.kept(reasons, ended);
    }

    /** The successor serves: whoever reads the log learns what stays here, and of every reason that comes later. */
    void successorServes() {
        served = true;
        reasons.forEach(this::log);
        ended.forEach(this::log);
    }

    private void log(String reason, long connections) {
        if (logged.add(reason)) {
            journal.staying(reason, connections);
        }
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
        report();
        return true;
    }

    private void ended(Channel channel) {
        Kept before = kept.remove(channel);
        if (before != null) {
            uncount(before);
            ended.merge(before.reason, 1L, Long::sum);
            journal.closed(1);
            report();
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
