package io.fdnetty.channel;

import io.fdnetty.fd.Descriptor;
import io.fdnetty.internal.sys.Errno;
import io.fdnetty.internal.sys.Pipe;
import io.netty.channel.EventLoop;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The read end of a pipe whose write end only the incumbent holds: it tells whether the incumbent took its units back,
 * or died without doing so. This class is the watcher; {@link Holder} is the other side.
 *
 * <p>{@link #listen} once, on any event loop with epoll or kqueue. Closing is idempotent and may come from any thread.
 *
 * <p>Source: pipe(7): the end of the stream follows the last byte when every copy of the write end is closed.
 */
public final class Lifeline implements AutoCloseable {
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(Lifeline.class);

    /** What the life-line said. */
    public enum Word {
        /** A byte: the holder lives and takes back what was not acknowledged to it. */
        TAKEN_BACK,
        /** The end of the stream without a byte: the holder is dead and took nothing back. */
        DEAD,
        /** Nothing before the deadline. */
        SILENT
    }

    /**
     * Both ends of a new life-line.
     *
     * @param holder stays in this process
     * @param readEnd owned by the caller, to be sent to the peer and closed here
     */
    public record Pair(Holder holder, Descriptor readEnd) {}

    private final Descriptor readEnd;
    private final ByteBuffer oneByte = ByteBuffer.allocateDirect(1);
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile @Nullable Watch watch;

    private Lifeline(Descriptor readEnd) {
        this.readEnd = readEnd;
    }

    /** A new life-line. The caller owns both ends. */
    public static Pair open() throws IOException {
        Pipe pipe = Pipe.open();
        return new Pair(new Holder(pipe.writeEnd()), Descriptor.adopt(pipe.readEnd(), "life-line"));
    }

    /**
     * A watcher of a read end that arrived. Takes ownership; on failure the caller still owns it.
     *
     * @throws IOException if it is no pipe, or cannot be made non-blocking: reading anything else might block the event
     *     loop, or take somebody's bytes
     */
    public static Lifeline watch(Descriptor readEnd) throws IOException {
        if (!Pipe.is(readEnd.peek())) {
            throw new IOException(readEnd.name() + " is no pipe");
        }
        readEnd.makeNonBlocking();
        return new Lifeline(readEnd.named(readEnd.name()));
    }

    /**
     * Waits for the life-line to speak.
     *
     * @return its word; cancelled by {@link #close}, failed if the descriptor is no readable pipe
     * @throws IllegalStateException if it was called before
     */
    public Future<Word> listen(EventLoop loop, Duration deadline) {
        if (watch != null) {
            throw new IllegalStateException("somebody listens already");
        }
        Watch started = new Watch(loop);
        watch = started;
        loop.execute(() -> started.start(deadline));
        return started.word;
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        Watch started = watch;
        if (started == null) {
            readEnd.close();
        } else if (started.loop.inEventLoop()) {
            started.stop();
        } else {
            stopOnLoop(started);
        }
    }

    private static void stopOnLoop(Watch started) {
        try {
            started.loop.execute(started::stop);
        } catch (RejectedExecutionException loopIsGone) {
            started.stop();
        }
    }

    /** One registration on an event loop, and the deadline. */
    private final class Watch implements Readiness.Listener {
        final EventLoop loop;
        final Promise<Word> word;
        private final Readiness readiness;
        private @Nullable Future<?> alarm;

        Watch(EventLoop loop) {
            this.loop = loop;
            word = loop.newPromise();
            readiness = Readiness.of(loop, this);
        }

        void start(Duration deadline) {
            if (closed.get()) {
                return;
            }
            alarm = loop.schedule(this::lastLook, deadline.toNanos(), TimeUnit.NANOSECONDS);
            readiness.register().addListener(done -> {
                if (done.isSuccess()) {
                    readiness.interest(true, false);
                } else {
                    fail(done.cause());
                }
            });
        }

        @Override
        public FileDescriptor fd() {
            return readEnd.peek();
        }

        @Override
        public void ready(boolean readable, boolean writable, boolean hangup) {
            try {
                int read = fd().read(oneByte, 0, 1);
                if (read != 0) {
                    end(read > 0 ? Word.TAKEN_BACK : Word.DEAD);
                }
            } catch (IOException e) {
                fail(e);
            }
        }

        @Override
        public void loopCloses() {
            stop();
        }

        /** A process that was stopped for a while finds the alarm due before it has looked at the pipe. */
        private void lastLook() {
            ready(true, false, false);
            if (!word.isDone()) {
                end(Word.SILENT);
            }
        }

        private void end(Word said) {
            quiet();
            word.trySuccess(said);
        }

        private void fail(Throwable cause) {
            quiet();
            word.tryFailure(cause);
        }

        /** Nothing is watched any more; the descriptor stays until {@link Lifeline#close}. */
        private void quiet() {
            Future<?> scheduled = alarm;
            if (scheduled != null) {
                scheduled.cancel(false);
            }
            readiness.cancel();
        }

        void stop() {
            closed.set(true);
            quiet();
            readEnd.close();
            word.cancel(false);
        }
    }

    /** The end that only the incumbent holds. Thread-safe. */
    public static final class Holder implements AutoCloseable {
        private final FileDescriptor writeEnd;
        private final AtomicBoolean taken = new AtomicBoolean();

        private Holder(FileDescriptor writeEnd) {
            this.writeEnd = writeEnd;
        }

        /**
         * Says that everything that is not acknowledged is taken back: before anything is. Idempotent, does not block.
         *
         * @throws IOException if it cannot be said although the watcher is there; then nothing may be taken back
         */
        public void takeBack() throws IOException {
            if (!taken.compareAndSet(false, true)) {
                return;
            }
            ByteBuffer one = ByteBuffer.allocateDirect(1);
            try {
                if (writeEnd.write(one, 0, 1) != 1) {
                    throw new IOException("the life-line is full");
                }
            } catch (ClosedChannelException e) {
                throw new IllegalStateException("the life-line is closed", e);
            } catch (IOException e) {
                if (!Errno.isPeerGone(e)) {
                    throw e;
                }
                logger.debug("nobody watches the life-line any more");
            }
        }

        /** Lets go: a watcher that hears no byte before takes this process for dead. Idempotent. */
        @Override
        public void close() {
            try {
                writeEnd.close();
            } catch (IOException e) {
                logger.error("closing the life-line failed", e);
            }
        }
    }
}
