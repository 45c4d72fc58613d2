package io.fdnetty.internal.machine;

import io.fdnetty.internal.protocol.Message;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Where all move together: the units of an incumbent that stand still and are not sent, frame by frame, and how many
 * connections are none.
 */
final class StoppedUnits {
    private final List<List<Long>> frames = new ArrayList<>();
    private final Set<Long> ids = new HashSet<>();
    private long kept;
    private long closed;

    /** Adds what is to travel in one frame; false, and nothing is added, if one of them is here. */
    boolean add(List<Long> frame) {
        if (frame.stream().anyMatch(ids::contains)) {
            return false;
        }
        ids.addAll(frame);
        frames.add(frame);
        return true;
    }

    /** How many connections can never move, and how many have ended. */
    void others(long neverMove, long ended) {
        kept = neverMove;
        closed = ended;
    }

    /** Says how many are here, and how many are not. */
    Message.Finished finished() {
        return new Message.Finished(ids.size(), kept, closed);
    }

    int size() {
        return ids.size();
    }

    List<List<Long>> takeFrames() {
        List<List<Long>> all = List.copyOf(frames);
        frames.clear();
        ids.clear();
        return all;
    }
}
