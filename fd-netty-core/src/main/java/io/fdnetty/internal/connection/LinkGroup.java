package io.fdnetty.internal.connection;

import io.fdnetty.internal.protocol.MessageLimits;
import java.util.ArrayList;
import java.util.List;

/** Connections that move together or not at all. Changed on their event loop, read by any thread. */
final class LinkGroup {
    private final TrackedConnection leader;
    private volatile List<TrackedConnection> all;

    LinkGroup(TrackedConnection leader) {
        this.leader = leader;
        this.all = List.of(leader);
    }

    TrackedConnection leader() {
        return leader;
    }

    /** A snapshot, the leader first and the others in the order in which they were linked. */
    List<TrackedConnection> all() {
        return all;
    }

    void add(TrackedConnection member) {
        if (all.size() == MessageLimits.PARTS) {
            throw new IllegalStateException(
                    leader + " has " + all.size() + " linked connections; a unit has no room for more");
        }
        List<TrackedConnection> more = new ArrayList<>(all);
        more.add(member);
        all = List.copyOf(more);
    }

    void remove(TrackedConnection member) {
        all = all.stream().filter(each -> each != member).toList();
    }

    /** The leader stands alone. Returns those that were linked to it. */
    List<TrackedConnection> dissolve() {
        List<TrackedConnection> members = all.subList(1, all.size());
        all = List.of(leader);
        return members;
    }
}
