package io.fdnetty.examples.chat;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The last messages of a room, numbered without a gap; the oldest are forgotten when there are too many, or too much of
 * them.
 *
 * <p>Not thread-safe.
 */
final class MessageLog {
    /** How many messages are kept at most; a power of two. */
    static final int MAX_MESSAGES = 1024;

    /** How many bytes of frames are kept at most. */
    static final int MAX_BYTES = 1 << 20;

    private final @Nullable Message[] ring = new @Nullable Message[MAX_MESSAGES];
    private long first;
    private long last;
    private int bytes;

    /** @param last the number of the last message that was ever said; those up to it are forgotten */
    MessageLog(long last) {
        this.last = last;
        this.first = last + 1;
    }

    /** The number of the oldest message that is kept, or would be if there were one. */
    long first() {
        return first;
    }

    /** The number of the last message that was said; 0 for none. */
    long last() {
        return last;
    }

    /** A log of its own with the same messages. */
    MessageLog copy() {
        MessageLog copy = new MessageLog(last);
        copy.first = first;
        copy.bytes = bytes;
        System.arraycopy(ring, 0, copy.ring, 0, ring.length);
        return copy;
    }

    /** All messages that are kept. */
    List<Message> all() {
        return after(first - 1, MAX_MESSAGES);
    }

    Message add(long millis, String name, String text) {
        Message message = new Message(last + 1, millis, name, text);
        while (last - first + 1 >= MAX_MESSAGES || (first <= last && bytes + message.size() > MAX_BYTES)) {
            forgetFirst();
        }
        ring[index(message.sequence())] = message;
        bytes += message.size();
        last = message.sequence();
        return message;
    }

    private void forgetFirst() {
        bytes -= get(first).size();
        ring[index(first)] = null;
        first++;
    }

    /** The messages behind a number, which must not be older than what is kept, in order. */
    List<Message> after(long sequence, int atMost) {
        if (sequence < first - 1 || sequence > last) {
            throw new IllegalArgumentException(sequence + " is not in " + (first - 1) + " to " + last);
        }
        long end = Math.min(last, sequence + atMost);
        List<Message> found = new ArrayList<>((int) (end - sequence));
        for (long next = sequence + 1; next <= end; next++) {
            found.add(get(next));
        }
        return found;
    }

    private Message get(long sequence) {
        Message message = ring[index(sequence)];
        if (message == null) {
            throw new IllegalStateException("message " + sequence + " is missing");
        }
        return message;
    }

    private static int index(long sequence) {
        return (int) (sequence & (MAX_MESSAGES - 1));
    }
}
