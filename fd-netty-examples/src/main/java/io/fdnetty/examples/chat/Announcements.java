package io.fdnetty.examples.chat;

import io.fdnetty.UpgradeListener;
import io.fdnetty.UpgradeReport;
import io.fdnetty.UpgradeStep;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What every socket is to know about this process: which generation it is, and how the upgrade goes. Thread-safe.
 *
 * <p>Like a room it does not send: it keeps the latest frame of each sort, and each socket fetches what it has not told
 * yet.
 */
final class Announcements implements UpgradeListener {
    private final Set<Runnable> sockets = ConcurrentHashMap.newKeySet();
    private final ChatRooms rooms;
    private final boolean mayUpgrade;
    private volatile byte @Nullable [] server;
    private volatile byte @Nullable [] upgrade;

    Announcements(ChatRooms rooms, boolean mayUpgrade) {
        this.rooms = rooms;
        this.mayUpgrade = mayUpgrade;
    }

    /** @param wake called with every change; must not block */
    void add(Runnable wake) {
        sockets.add(wake);
    }

    void remove(Runnable wake) {
        sockets.remove(wake);
    }

    /** Which process this is; null as long as it does not serve for good. The frame is not to be changed. */
    byte @Nullable [] server() {
        return server;
    }

    /** The latest news of an upgrade of this process; null if there was none. The frame is not to be changed. */
    byte @Nullable [] upgrade() {
        return upgrade;
    }

    void upgradeStarts() {
        upgrade = Frames.upgradeStarting();
        sockets.forEach(Runnable::run);
    }

    @Override
    public void serving(UpgradeReport report) {
        boolean isFirst = report.generation() == 1;
        server = Frames.server(
                report.generation(),
                ProcessHandle.current().pid(),
                isFirst ? 0 : report.total().toMillis(),
                report.moved(),
                mayUpgrade);
        sockets.forEach(Runnable::run);
    }

    @Override
    public void upgradeFailed(UpgradeStep step, String reason) {
        rooms.open();
        upgrade = Frames.upgradeFailed(step, reason);
        sockets.forEach(Runnable::run);
    }
}
