package io.fdnetty.internal.incumbent;

/**
 * How many connections may stand still at once. It follows the pace at which the successor adopts, so that a pause
 * stays near the target whether the successor is a cold JVM on a busy machine or a warm one on an idle one.
 *
 * <p>Begins with very few. Grows with each acknowledgement that comes within the target, as TCP does in slow start (RFC
 * 5681), and shrinks by a quarter with each that takes more than twice as long. Used by one thread.
 */
final class CaptureWindow {
    /** The first ones pay for classes that were never loaded. */
    private static final int FIRST = 2;

    private static final int LEAST = 16;
    private static final long TARGET_NANOS = 5_000_000;

    private final int most;
    private int window = FIRST;

    /** @param most the window never exceeds this */
    CaptureWindow(int most) {
        this.most = Math.max(most, LEAST);
    }

    /** How many may be captured now, if so many stand still; 0 while it is not worth a batch. */
    int room(int standing) {
        int room = window - standing;
        return room * 4 >= window ? room : 0;
    }

    /**
     * Records {@code units} acknowledged connections.
     *
     * @param nanos the time since they were captured
     */
    void acknowledged(int units, long nanos) {
        if (nanos <= TARGET_NANOS || window < LEAST) {
            window = Math.min(most, window + units);
        } else if (nanos > 2 * TARGET_NANOS) {
            window = Math.max(LEAST, window - window / 4);
        }
    }
}
