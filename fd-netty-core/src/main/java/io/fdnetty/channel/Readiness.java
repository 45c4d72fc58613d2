package io.fdnetty.channel;

import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandle;
import io.netty.channel.IoRegistration;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Watches one descriptor on one event loop, by epoll or kqueue, and tells when it can be read, written, or hung up.
 *
 * <p>Everything happens on the event loop. It never owns the descriptor: {@link #cancel} comes before the descriptor is
 * closed, because the kernel keeps reporting one whose open file lives on in another process. A hang-up is always
 * watched, also while nothing else is, and reported once.
 */
abstract class Readiness implements IoHandle {
    /** Who is told. */
    interface Listener {
        /** The descriptor, open while it is watched. */
        FileDescriptor fd();

        /** Something happened. Readable and writable only say that a call is worth trying. */
        void ready(boolean readable, boolean writable, boolean hangup);

        /** The event loop shuts down: close the descriptor. */
        void loopCloses();
    }

    final Listener listener;
    private final IoEventLoop loop;
    private @Nullable IoRegistration registration;
    private boolean cancelled;
    boolean hungUp;

    Readiness(IoEventLoop loop, Listener listener) {
        this.loop = loop;
        this.listener = listener;
    }

    /** True if the event loop has epoll or kqueue. */
    static boolean supports(EventLoop loop) {
        return loop instanceof IoEventLoop io
                && (io.isCompatible(EpollReadiness.class) || io.isCompatible(KQueueReadiness.class));
    }

    /** For a loop that is {@linkplain #supports supported}; nothing is registered yet. */
    static Readiness of(EventLoop loop, Listener listener) {
        IoEventLoop io = (IoEventLoop) loop;
        return io.isCompatible(EpollReadiness.class)
                ? new EpollReadiness(io, listener)
                : new KQueueReadiness(io, listener);
    }

    /** Registers; once it is done {@link #interest} takes effect. A cancellation meanwhile is obeyed. */
    final Future<IoRegistration> register() {
        return loop.register(this).addListener(done -> {
            if (done.isSuccess()) {
                registered((IoRegistration) done.getNow());
            }
        });
    }

    private void registered(IoRegistration arrived) {
        registration = arrived;
        if (cancelled) {
            arrived.cancel();
        }
    }

    /** What to watch from now on, besides the hang-up. */
    final void interest(boolean read, boolean write) {
        IoRegistration current = registration;
        if (current != null && !cancelled) {
            submit(current, read, write);
        }
    }

    abstract void submit(IoRegistration current, boolean read, boolean write);

    /** Stops watching; idempotent. The descriptor must still be open. */
    final void cancel() {
        IoRegistration current = registration;
        if (!cancelled && current != null) {
            withdraw(current);
            current.cancel();
        }
        cancelled = true;
    }

    /** Takes back what the kernel was asked to watch, where cancelling does not. */
    void withdraw(IoRegistration current) {}

    final void report(boolean readable, boolean writable, boolean hangup) {
        if (cancelled) {
            return;
        }
        boolean news = hangup && !hungUp;
        hungUp |= hangup;
        listener.ready(readable, writable, news);
    }

    @Override
    public final void close() {
        listener.loopCloses();
    }
}
