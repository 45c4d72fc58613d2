package io.fdnetty.channel;

import io.fdnetty.fd.Descriptor;
import io.fdnetty.fd.Descriptors;
import io.fdnetty.fd.SocketKind;
import io.fdnetty.internal.sys.Carrier;
import io.fdnetty.internal.sys.Credentials;
import io.fdnetty.internal.sys.Kernel;
import io.fdnetty.internal.sys.NativeLibrary;
import io.fdnetty.internal.sys.SystemCallException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.RecvByteBufAllocator.ExtendedHandle;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A unix-domain stream socket whose pipeline carries bytes and descriptors together, on an event loop with epoll or
 * kqueue.
 *
 * <p>Reads fire {@link ByteBuf}s and, right after the bytes they came with, {@link Descriptors}, which the receiver
 * owns. It takes {@link ByteBuf}, {@link Descriptors} and {@link FileDescriptor} (borrowed until its promise is done)
 * for writing; a message of descriptors is one zero byte on the wire. Every message is released when it is sent and
 * when it fails.
 *
 * <p>A failed write fails the promises and ends the output, but not the input: what the peer sent before is still read,
 * and the channel closes at the end of it. A peer that goes away while nothing is read is told by {@link PeerHangup}.
 *
 * <p>Source: unix(7).
 */
public final class AncillarySocketChannel extends UnixStreamChannel {
    private static final long FIRST_RETRY_MILLIS = 1;
    private static final long LAST_RETRY_MILLIS = 100;

    private final Kernel kernel;
    private final AncillaryChannelConfig config;
    private final SocketReader reader;
    private final SocketWriter writer;
    private final Readiness.Listener listener = new ReadinessListener();
    private final Runnable readTask = this::readAgain;

    private @Nullable Readiness readiness;
    private boolean readPending;
    private boolean readScheduled;
    private boolean peerHungUp;
    private boolean draining;
    private boolean writeBlocked;
    private long retryMillis = FIRST_RETRY_MILLIS;
    private @Nullable Future<?> retry;

    /** A channel to connect. Make the first one off the event loop: it loads the native library. */
    public AncillarySocketChannel() {
        this(null, newSocket(), Carrier.kernel(), false);
    }

    AncillarySocketChannel(@Nullable Channel parent, Socket socket, Kernel kernel, boolean connected) {
        super(parent, socket, connected);
        this.kernel = kernel;
        config = new AncillaryChannelConfig(this, socket, this::autoReadCleared);
        reader = new SocketReader(kernel, socket);
        writer = new SocketWriter(kernel, socket);
    }

    /**
     * A channel of a connected unix stream socket. Takes ownership; on failure the caller still owns it.
     *
     * @throws IllegalArgumentException if it is something else
     * @throws IOException if it cannot be made non-blocking
     */
    public static AncillarySocketChannel adopt(Descriptor connected) throws IOException {
        SocketKind kind = connected.kind();
        if (kind != SocketKind.UNIX_CONNECTION) {
            throw new IllegalArgumentException(connected + " is " + kind + ", not " + SocketKind.UNIX_CONNECTION);
        }
        Kernel kernel = Carrier.kernel();
        connected.makeNonBlocking();
        return new AncillarySocketChannel(null, new Socket(connected.take().intValue()), kernel, true);
    }

    /**
     * Loads the native library and links the system calls, once; up to 0.1 s.
     *
     * @throws UnsatisfiedLinkError if it cannot
     */
    public static void ensureAvailability() {
        NativeLibrary.ensureAvailability();
        Carrier.kernel();
    }

    /** Why this channel cannot be used here, or null. */
    public static @Nullable Throwable unavailabilityCause() {
        return NativeLibrary.unavailabilityCause();
    }

    private static Socket newSocket() {
        ensureAvailability();
        return Socket.newSocketDomain();
    }

    /** Who is at the other end, as the kernel knows it. */
    public PeerCredentials peerCredentials() throws IOException {
        Credentials peer = Credentials.ofPeer(socket);
        return new PeerCredentials(peer.pid(), peer.uid(), peer.gid());
    }

    /** The most descriptors that one {@link Descriptors} may hold: 253, or 1 without foreign calls. */
    public int maxDescriptorsPerMessage() {
        return kernel.descriptorsPerMessage();
    }

    /** Says from now on what may be read. Call it on the event loop, or before the channel is registered. */
    public void readPlan(ReadPlan plan) {
        reader.plan(plan);
    }

    /**
     * Names the descriptors that arrive, counted from 0. Call it on the event loop, or before the channel is
     * registered.
     */
    public void nameArrivals(IntFunction<String> names) {
        reader.names(names);
    }

    /**
     * Shuts the socket down in both directions: the peer's next write fails. What it had sent is still read to the end,
     * with autoRead off too, then the channel closes. Writes that are queued here fail. Any thread. On macOS the kernel
     * discards what is queued when a socket is shut down for reading.
     *
     * @return done when the peer can no longer write
     */
    public ChannelFuture shutdownBoth() {
        ChannelPromise promise = newPromise();
        onLoop(() -> shutdownBoth(promise));
        return promise;
    }

    private void shutdownBoth(ChannelPromise promise) {
        if (!isActive()) {
            promise.setFailure(new ClosedChannelException());
            return;
        }
        try {
            socket.shutdown(true, true);
        } catch (IOException | NotYetConnectedException peerIsGone) {
            // then it cannot write either
        }
        draining = true;
        peerHungUp = true;
        endOutput();
        updateInterest();
        promise.trySuccess();
        scheduleRead();
    }

    // ---- reading ----

    @Override
    protected void doBeginRead() {
        if (inputEnded) {
            return;
        }
        readPending = true;
        updateInterest();
        if (peerHungUp) {
            scheduleRead();
        }
    }

    private boolean wantsRead() {
        return !inputEnded && connected && (draining || readPending || config.isAutoRead());
    }

    private void autoReadCleared() {
        if (isRegistered()) {
            onLoop(() -> {
                readPending = false;
                updateInterest();
            });
        }
    }

    /** After a hang-up nothing new can come: reading goes on by itself, not by readiness. */
    private void scheduleRead() {
        if (!readScheduled && isRegistered()) {
            readScheduled = true;
            eventLoop().execute(readTask);
        }
    }

    private void readAgain() {
        readScheduled = false;
        if (isRegistered() && wantsRead()) {
            readReady();
        }
    }

    private void readReady() {
        ExtendedHandle sizes = (ExtendedHandle) unsafe().recvBufAllocHandle();
        sizes.reset(config);
        SocketReader.Result result = SocketReader.Result.MORE;
        boolean any = false;
        Throwable failure = null;
        try {
            int reads = METADATA.defaultMaxMessagesPerRead();
            for (int i = 0; i < reads && result == SocketReader.Result.MORE && (i == 0 || readsOn()); i++) {
                readPending = false;
                result = reader.read(alloc(), sizes, pipeline());
                any |= result == SocketReader.Result.MORE || result == SocketReader.Result.LAST;
            }
        } catch (SystemCallException | RuntimeException | Error e) {
            failure = e;
        }
        sizes.readComplete();
        if (any) {
            pipeline().fireChannelReadComplete();
        }
        afterRead(result, failure);
    }

    private boolean readsOn() {
        return connected && (draining || config.isAutoRead());
    }

    private void afterRead(SocketReader.Result result, @Nullable Throwable failure) {
        if (failure != null) {
            pipeline().fireExceptionCaught(failure);
            unsafe().close(unsafe().voidPromise());
        } else if (result == SocketReader.Result.END || (result == SocketReader.Result.NOTHING && peerHungUp)) {
            endInput();
        } else {
            readPending |= result == SocketReader.Result.NOTHING;
            updateInterest();
            if (peerHungUp && wantsRead()) {
                scheduleRead();
            }
        }
    }

    private void endInput() {
        if (inputEnded || !connected) {
            return;
        }
        inputEnded = true;
        if (draining || !config.isAllowHalfClosure()) {
            unsafe().close(unsafe().voidPromise());
            return;
        }
        updateInterest();
        pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        pipeline().fireUserEventTriggered(ChannelInputShutdownReadComplete.INSTANCE);
    }

    // ---- writing ----

    @Override
    protected Object filterOutboundMessage(Object message) {
        return writer.accept(message, alloc());
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer out) {
        SocketWriter.Progress progress;
        try {
            progress = writer.write(out, config.getWriteSpinCount());
        } catch (Exception | AssertionError e) {
            failOutput(out, e);
            return;
        }
        boolean later = progress == SocketWriter.Progress.LATER;
        writeBlocked = progress == SocketWriter.Progress.BLOCKED;
        updateInterest();
        if (later) {
            scheduleRetry();
        } else {
            retryMillis = FIRST_RETRY_MILLIS;
        }
        if (progress == SocketWriter.Progress.MORE) {
            eventLoop().execute(((AncillaryUnsafe) unsafe())::flushNow);
        }
    }

    private void scheduleRetry() {
        cancelRetry();
        retry = eventLoop().schedule(this::retry, retryMillis, TimeUnit.MILLISECONDS);
        retryMillis = Math.min(2 * retryMillis, LAST_RETRY_MILLIS);
    }

    private void retry() {
        retry = null;
        ((AncillaryUnsafe) unsafe()).flushNow();
    }

    /** What is flushed fails with the cause itself; what is not, because the output has ended. */
    private void failOutput(ChannelOutboundBuffer out, Throwable cause) {
        doShutdownOutput();
        boolean more = true;
        while (more) {
            more = out.remove(cause);
        }
        ((AncillaryUnsafe) unsafe()).shutdownOutput(newPromise());
    }

    private void endOutput() {
        if (!outputEnded) {
            ((AncillaryUnsafe) unsafe()).shutdownOutput(newPromise());
        }
    }

    @Override
    protected void doShutdownOutput() {
        outputEnded = true;
        writeBlocked = false;
        cancelRetry();
        try {
            socket.shutdown(false, true);
        } catch (IOException | NotYetConnectedException peerIsGone) {
            // then there is nothing to tell it
        }
        updateInterest();
    }

    private void cancelRetry() {
        Future<?> scheduled = retry;
        if (scheduled != null) {
            scheduled.cancel(false);
            retry = null;
        }
    }

    // ---- life ----

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return Readiness.supports(loop);
    }

    @Override
    protected void doRegister(ChannelPromise promise) {
        Readiness watch = Readiness.of(eventLoop(), listener);
        readiness = watch;
        watch.register().addListener(done -> {
            if (!done.isSuccess()) {
                promise.setFailure(done.cause());
            } else if (!isOpen()) {
                promise.setFailure(new ClosedChannelException());
            } else {
                updateInterest();
                promise.setSuccess();
                if (peerHungUp) {
                    scheduleRead();
                }
            }
        });
    }

    private void updateInterest() {
        if (readiness != null && connected) {
            readiness.interest(wantsRead() && !peerHungUp, writeBlocked);
        }
    }

    @Override
    protected void doDeregister() {
        if (readiness != null) {
            readiness.cancel();
            readiness = null;
        }
    }

    @Override
    protected void doClose() throws Exception {
        connected = false;
        inputEnded = true;
        outputEnded = true;
        cancelRetry();
        doDeregister();
        socket.close();
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    /**
     * Gives up what the peer has sent and may still send; its next write fails. {@link #shutdownBoth} reads it instead.
     */
    @Override
    public ChannelFuture shutdownInput(ChannelPromise promise) {
        onLoop(() -> endInput(promise));
        return promise;
    }

    private void endInput(ChannelPromise promise) {
        try {
            socket.shutdown(true, false);
            endInput();
            promise.setSuccess();
        } catch (IOException | NotYetConnectedException e) {
            promise.setFailure(e);
        }
    }

    @Override
    public ChannelFuture shutdownOutput(ChannelPromise promise) {
        onLoop(() -> ((AncillaryUnsafe) unsafe()).shutdownOutput(promise));
        return promise;
    }

    /** Ends both directions; what is unread is given up. */
    @Override
    public ChannelFuture shutdown(ChannelPromise promise) {
        onLoop(() -> {
            endOutput();
            endInput(promise);
        });
        return promise;
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new AncillaryUnsafe();
    }

    private final class AncillaryUnsafe extends AbstractUnsafe {
        @Override
        public void connect(SocketAddress to, @Nullable SocketAddress from, ChannelPromise promise) {
            if (!promise.setUncancellable() || !ensureOpen(promise)) {
                return;
            }
            try {
                if (from != null) {
                    doBind(from);
                }
                connectNow(to);
                updateInterest();
                promise.trySuccess();
                if (isActive()) {
                    pipeline().fireChannelActive();
                }
            } catch (Exception e) {
                promise.tryFailure(annotateConnectException(e, to));
                closeIfClosed();
            }
        }

        /** A full socket, or a retry that is due later, flushes by itself. */
        @Override
        protected void flush0() {
            if (!writeBlocked && retry == null) {
                super.flush0();
            }
        }

        void flushNow() {
            super.flush0();
        }
    }

    private final class ReadinessListener implements Readiness.Listener {
        @Override
        public FileDescriptor fd() {
            return socket;
        }

        @Override
        public void ready(boolean readable, boolean writable, boolean hangup) {
            if (hangup) {
                hungUp();
            }
            if (writable && writeBlocked) {
                ((AncillaryUnsafe) unsafe()).flushNow();
            }
            if (readable && wantsRead()) {
                readReady();
            }
        }

        private void hungUp() {
            boolean news = !peerHungUp;
            peerHungUp = true;
            updateInterest();
            if (wantsRead()) {
                scheduleRead();
            } else if (news && !inputEnded) {
                pipeline().fireUserEventTriggered(PeerHangup.INSTANCE);
            }
        }

        @Override
        public void loopCloses() {
            unsafe().close(unsafe().voidPromise());
        }
    }
}
