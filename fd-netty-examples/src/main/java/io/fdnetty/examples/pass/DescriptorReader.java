package io.fdnetty.examples.pass;

import io.fdnetty.fd.Descriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Reads a descriptor to its end without changing any of its flags, which its sender shares. */
final class DescriptorReader {
    private static final int BUFFER_BYTES = 64 << 10;
    private static final long MIN_WAIT_NANOS = TimeUnit.MICROSECONDS.toNanos(100);
    private static final long MAX_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private DescriptorReader() {}

    /** The descriptor, and not the place where its bytes go, is at fault. */
    static final class Unreadable extends Exception {
        private static final long serialVersionUID = 1L;

        Unreadable(IOException cause) {
            super(cause.getMessage(), cause);
        }
    }

    /** Copies from where the descriptor stands; it stays its owner's. */
    static void copy(Descriptor descriptor, WritableByteChannel out) throws IOException, Unreadable {
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
        long wait = MIN_WAIT_NANOS;
        for (int read = read(descriptor, buffer); read >= 0; read = read(descriptor, buffer)) {
            if (read == 0) { // it is non-blocking and has nothing yet
                LockSupport.parkNanos(wait);
                wait = Math.min(wait * 2, MAX_WAIT_NANOS);
                continue;
            }
            wait = MIN_WAIT_NANOS;
            buffer.position(0).limit(read);
            while (buffer.hasRemaining()) {
                out.write(buffer);
            }
        }
    }

    /** Returns -1 at the end and 0 if there is nothing now. */
    private static int read(Descriptor descriptor, ByteBuffer buffer) throws Unreadable {
        try {
            return descriptor.peek().read(buffer, 0, buffer.capacity());
        } catch (IOException e) {
            throw new Unreadable(e);
        }
    }
}
