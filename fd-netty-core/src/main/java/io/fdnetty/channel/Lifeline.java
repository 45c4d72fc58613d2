package io.fdnetty.channel;

import io.fdnetty.fd.Descriptor;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.time.Duration;

/** Skeleton. */
@SuppressWarnings("DoNotCallSuggester")
public final class Lifeline implements AutoCloseable {
    /** What the life-line said. */
    public enum Word {
        /** The holder lives and took its units back. */
        TAKEN_BACK,
        /** The holder died without taking anything back. */
        DEAD,
        /** Nothing was said within the deadline. */
        SILENT
    }

    /** Both ends. */
    public record Pair(Holder holder, Descriptor readEnd) {}

    /** The end that only the incumbent holds. */
    public static final class Holder implements AutoCloseable {
        private Holder() {}

        /** Writes the byte. */
        public void takeBack() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {
            throw new UnsupportedOperationException();
        }
    }

    private Lifeline() {}

    public static Pair open() throws IOException {
        throw new UnsupportedOperationException();
    }

    /** Takes ownership. */
    public static Lifeline watch(Descriptor readEnd) {
        throw new UnsupportedOperationException();
    }

    public Future<Word> listen(EventLoop loop, Duration deadline) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
