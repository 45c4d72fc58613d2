package io.fdnetty.internal.protocol;

/**
 * What a decoder accepts in one frame; checked before anything is allocated.
 *
 * @param maxPayload the longest payload, in bytes, up to {@value #LARGEST_PAYLOAD}
 * @param maxDescriptors the most descriptors, up to 65535
 */
public record FrameLimits(int maxPayload, int maxDescriptors) {
    /** No limit may be larger. */
    public static final int LARGEST_PAYLOAD = 1 << 30;

    private static final int LARGEST_COUNT = 0xffff;

    public FrameLimits {
        if (maxPayload < 0 || maxPayload > LARGEST_PAYLOAD) {
            throw new IllegalArgumentException(
                    "maxPayload: " + maxPayload + " (expected: 0 to " + LARGEST_PAYLOAD + ')');
        }
        if (maxDescriptors < 0 || maxDescriptors > LARGEST_COUNT) {
            throw new IllegalArgumentException(
                    "maxDescriptors: " + maxDescriptors + " (expected: 0 to " + LARGEST_COUNT + ')');
        }
    }

    /** 32 MiB and 4096 descriptors. */
    public static FrameLimits defaults() {
        return new FrameLimits(32 << 20, 4096);
    }
}
