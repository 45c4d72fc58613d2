package io.fdnetty.examples.chaos;

import io.netty.buffer.ByteBuf;

/**
 * What happened to the bytes of one connection, in this process and in all before it. Event loop only.
 *
 * <p>The bytes that were taken out of the socket and not consumed are pending input, those that were produced and are not in
 * the socket pending output. A hand-over carries both.
 */
final class ByteAccount {
    static final int BYTES = 2 * Long.BYTES;

    private long passed;
    private long consumed;
    private long produced;

    /** Bytes have come up from the socket, or again with a move. */
    void pass(int bytes) {
        passed += bytes;
    }

    /** The application was given a whole frame. */
    void consume(int bytes) {
        consumed += bytes;
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

    /** Writes what a successor goes on with: what is pending comes up there again. */
    void save(ByteBuf out) {
        out.writeLong(consumed).writeLong(produced);
    }

    void restore(ByteBuf in) {
        consumed = in.readLong();
        passed = consumed;
        produced = in.readLong();
    }
}
