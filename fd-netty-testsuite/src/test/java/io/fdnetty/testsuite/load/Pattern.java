package io.fdnetty.testsuite.load;

import java.util.zip.CRC32C;

/** Bytes that say where they belong: both ends of a transfer know them without having them. Stateless. */
final class Pattern {
    private Pattern() {}

    static void fill(byte[] bytes, int length, long position) {
        for (int i = 0; i < length; i++) {
            bytes[i] = at(position + i);
        }
    }

    /** The index of the first byte that is not the one of its position; -1 if all are right. */
    static int firstWrong(byte[] bytes, int length, long position) {
        for (int i = 0; i < length; i++) {
            if (bytes[i] != at(position + i)) {
                return i;
            }
        }
        return -1;
    }

    static long checksum(byte[] bytes) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes);
        return checksum.getValue();
    }

    /** Differs between a position and the same position a page, a segment or a buffer later. */
    private static byte at(long position) {
        return (byte) (position ^ (position >>> 8) * 31 ^ (position >>> 16) * 17);
    }
}
