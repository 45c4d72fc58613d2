package io.fdnetty.testsuite.chaos.server;

import io.netty.buffer.ByteBuf;

/**
 * What happened to the bytes of one connection, in this process and in all before it. Event loop only.
 *
 * <p>What has passed, and stands in a decoder behind when the connection moves, goes on in the decoder of the next
 * process: it does not pass again. The bytes that were produced and are not in the socket are pending output, which a
 * hand-over carries.
 */
final class ByteAccount {
    static final int BYTES = 2 * Long.BYTES;

    private long passed;
    private long produced;

    /** Bytes have come up from the socket. */
    void pass(int bytes) {
        passed += bytes;
    }

    /** The application wrote. */
    void produce(int bytes) {
        produced += bytes;
    }

    /** All bytes that came up, each once. */
    long passed() {
        return passed;
    }

    long produced() {
        return produced;
    }

    void save(ByteBuf out) {
        out.writeLong(passed).writeLong(produced);
    }

    void restore(ByteBuf in) {
        passed = in.readLong();
        produced = in.readLong();
    }
}
