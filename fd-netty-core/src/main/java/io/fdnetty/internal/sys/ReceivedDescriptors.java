package io.fdnetty.internal.sys;

/**
 * The descriptors that one read brought: reused from read to read.
 *
 * <p>Not thread-safe. Whoever reads owns every descriptor in it.
 */
public final class ReceivedDescriptors {
    private int[] descriptors = new int[1];
    private int count;
    private boolean truncated;

    /** How many arrived. */
    public int count() {
        return count;
    }

    /** The number of the i-th. */
    public int get(int i) {
        if (i >= count) {
            throw new IndexOutOfBoundsException(i + " of " + count);
        }
        return descriptors[i];
    }

    /** True if the kernel dropped some: the receiver is at its limit of open files, or there was no room for them. */
    public boolean truncated() {
        return truncated;
    }

    /** Forgets everything before the next read. */
    public void clear() {
        count = 0;
        truncated = false;
    }

    /** Adds one that arrived. */
    public void add(int descriptor) {
        if (count == descriptors.length) {
            descriptors = java.util.Arrays.copyOf(descriptors, Math.max(256, count * 2));
        }
        descriptors[count++] = descriptor;
    }

    /** Notes that the kernel dropped some. */
    public void markTruncated() {
        truncated = true;
    }
}
