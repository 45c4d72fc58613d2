package io.fdnetty.internal.machine;

import io.fdnetty.internal.protocol.Message;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The control socket and the life-line of the exploration, after the kernel's rules: a write succeeds whole or not at
 * all; after either side's shutdown no write succeeds; what was written before stays readable; death shuts the socket
 * first, the pipe later.
 */
final class SimSocket {
    final End incumbent = new End();
    final End successor = new End();
    boolean lifelineByte;
    boolean lifelineClosed;
    int capacity = 4;

    /** One process's end. */
    static final class End {
        final Deque<Message> inbox = new ArrayDeque<>();
        boolean shut;
        boolean outputBroken;
        boolean gone;

        /** The peer died while it wrote a frame: what follows the last whole message is not one. */
        boolean torn;
    }

    End peerOf(End end) {
        return end == incumbent ? successor : incumbent;
    }

    boolean canWrite(End end) {
        return !end.shut && !end.outputBroken && !peerOf(end).shut;
    }

    boolean hasRoom(End end) {
        return peerOf(end).inbox.size() < capacity;
    }

    void write(End end, Message message) {
        peerOf(end).inbox.add(message);
    }

    /** Nothing more will come: the peer has shut down, broken its output, or we have shut down. */
    boolean atEnd(End end) {
        return end.inbox.isEmpty() && (end.shut || peerOf(end).shut || peerOf(end).outputBroken);
    }

    /** Leaves the socket: unread messages are lost. */
    void close(End end) {
        end.shut = true;
        end.gone = true;
        end.inbox.clear();
    }
}
