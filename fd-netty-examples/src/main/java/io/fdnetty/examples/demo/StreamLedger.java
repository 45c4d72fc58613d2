package io.fdnetty.examples.demo;

import java.util.Arrays;
import java.util.TreeSet;

/**
 * What one client sent and what came back: which frames are on their way, since when, and what is wrong with the rest.
 *
 * <p>Time is given in nanoseconds of any one clock. Used by one thread.
 */
public final class StreamLedger {
    private final int connection;
    private final TreeSet<Long> missing = new TreeSet<>();
    private long[] sentAt = new long[64];
    private long nextToSend;
    private long nextExpected;
    private long doubledBytes;
    private long reordered;
    private long corrupt;
    private long longestWait;

    public StreamLedger(int connection) {
        this.connection = connection;
    }

    /** The next frame goes out now; returns its sequence number. */
    public long send(long now) {
        if (inFlight() == sentAt.length) {
            grow();
        }
        sentAt[slot(nextToSend)] = now;
        return nextToSend++;
    }

    /** A frame came back whole. */
    public void receive(long sequence, long now) {
        if (sequence >= nextToSend || sequence < 0) {
            corrupt++;
        } else if (sequence >= nextExpected) {
            for (long skipped = nextExpected; skipped < sequence; skipped++) {
                missing.add(skipped);
            }
            longestWait = Math.max(longestWait, now - sentAt[slot(sequence)]);
            nextExpected = sequence + 1;
        } else if (missing.remove(sequence)) {
            reordered++;
        } else {
            doubledBytes += NumberedFrame.size(connection, sequence);
        }
    }

    /** Something came back that no client sent. */
    public void receiveCorrupt() {
        corrupt++;
    }

    /**
     * Takes the longest time between sending a frame and its echo since the last call; a frame without echo waits until
     * now.
     */
    long takeLongestWait(long now) {
        long oldest = inFlight() == 0 ? 0 : now - sentAt[slot(nextExpected)];
        long longest = Math.max(longestWait, oldest);
        longestWait = 0;
        return longest;
    }

    /** Frames that have not come back yet, besides those that later ones overtook. */
    int inFlight() {
        return (int) (nextToSend - nextExpected);
    }

    long sent() {
        return nextToSend;
    }

    public long received() {
        return nextExpected - missing.size();
    }

    /** The bytes of every frame that did not come back. Final once nothing more will come. */
    long lostBytes() {
        long lost = 0;
        for (long sequence = nextExpected; sequence < nextToSend; sequence++) {
            lost += NumberedFrame.size(connection, sequence);
        }
        for (long sequence : missing) {
            lost += NumberedFrame.size(connection, sequence);
        }
        return lost;
    }

    /** Whether every frame up to the last one that came back did so once, whole and in order. */
    public boolean isClean() {
        return missing.isEmpty() && doubledBytes + reordered + corrupt == 0;
    }

    /** One more than the highest frame that came back. */
    long nextExpected() {
        return nextExpected;
    }

    long doubledBytes() {
        return doubledBytes;
    }

    long reordered() {
        return reordered;
    }

    long corrupt() {
        return corrupt;
    }

    private int slot(long sequence) {
        return (int) (sequence & (sentAt.length - 1));
    }

    private void grow() {
        long[] larger = Arrays.copyOf(sentAt, sentAt.length * 2);
        for (long sequence = nextExpected; sequence < nextToSend; sequence++) {
            larger[(int) (sequence & (larger.length - 1))] = sentAt[slot(sequence)];
        }
        sentAt = larger;
    }
}
