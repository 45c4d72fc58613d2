package io.fdnetty.examples.proxy;

import io.fdnetty.Connections;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * The idle connections to the backend of one event loop; the one used last is used next, so that the others may grow
 * old. Used by that event loop only.
 */
final class BackendPool {
    private final int limit;
    private final Deque<BackHandler> idle = new ArrayDeque<>();

    BackendPool(int limit) {
        this.limit = limit;
    }

    /** An idle connection that is open as far as anybody knows, and not about to leave; null if there is none. */
    @Nullable
    BackHandler take() {
        for (Iterator<BackHandler> each = idle.iterator(); each.hasNext(); ) {
            BackHandler next = each.next();
            if (!Connections.isStopped(next.channel())) {
                each.remove();
                return next;
            }
        }
        return null;
    }

    /** Keeps a connection; false if there are enough. */
    boolean offer(BackHandler connection) {
        if (idle.size() >= limit) {
            return false;
        }
        idle.addFirst(connection);
        return true;
    }

    /** A connection is closed, or leaves. */
    void remove(BackHandler connection) {
        idle.remove(connection);
    }

    int size() {
        return idle.size();
    }
}
