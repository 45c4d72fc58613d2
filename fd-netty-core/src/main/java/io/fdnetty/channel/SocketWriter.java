package io.fdnetty.channel;

import io.fdnetty.fd.Descriptor;
import io.fdnetty.fd.Descriptors;
import io.fdnetty.internal.sys.Errno;
import io.fdnetty.internal.sys.Kernel;
import io.fdnetty.internal.sys.SystemCallException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.IovArray;
import io.netty.channel.unix.Limits;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannelUtil;
import io.netty.util.concurrent.FastThreadLocal;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;

/**
 * Empties an outbound buffer into a socket, in order: bytes gathered, and each {@link Descriptors} in a message of its
 * own.
 *
 * <p>Used on the channel's event loop. A message leaves the buffer, and is released, when all of it was written.
 */
final class SocketWriter {
    /** Where a round of writing ended. */
    enum Progress {
        /** Everything is written. */
        EMPTY,
        /** The socket is full; it says when it is not. */
        BLOCKED,
        /** The kernel has no room for more descriptors in flight; it does not say when it has. */
        LATER,
        /** The round was long enough; there is more. */
        MORE
    }

    private static final FastThreadLocal<IovArray> VECTOR = new FastThreadLocal<>() {
        @Override
        protected IovArray initialValue() {
            return new IovArray(Limits.IOV_MAX);
        }

        @Override
        protected void onRemoval(IovArray vector) {
            vector.release();
        }
    };

    private static final InternalLogger logger = InternalLoggerFactory.getInstance(SocketWriter.class);

    /** As many refusals in a row are worth a line in the log: about half a second. */
    private static final int NOT_JUST_A_MOMENT = 10;

    private final Kernel kernel;
    private final Socket socket;
    private int[] numbers = new int[1];
    private int refusals;

    SocketWriter(Kernel kernel, Socket socket) {
        this.kernel = kernel;
        this.socket = socket;
    }

    /** What goes into the outbound buffer for a message; on failure the message is still the caller's. */
    Object accept(Object message, ByteBufAllocator allocator) {
        if (message instanceof ByteBuf bytes) {
            return UnixChannelUtil.isBufferCopyNeededForWrite(bytes) ? direct(bytes, allocator) : bytes;
        }
        if (message instanceof Descriptors descriptors) {
            return checked(descriptors);
        }
        if (message instanceof FileDescriptor fd) {
            return Descriptors.of(Descriptor.borrow(fd, "fd"));
        }
        throw new UnsupportedOperationException("a " + message.getClass().getName()
                + " cannot be written: ByteBuf, Descriptors and FileDescriptor can");
    }

    private static ByteBuf direct(ByteBuf bytes, ByteBufAllocator allocator) {
        ByteBuf copy = allocator.directBuffer(bytes.readableBytes());
        copy.writeBytes(bytes, bytes.readerIndex(), bytes.readableBytes());
        bytes.release();
        return copy;
    }

    private Descriptors checked(Descriptors descriptors) {
        int limit = kernel.descriptorsPerMessage();
        if (descriptors.size() < 1 || descriptors.size() > limit) {
            throw new IllegalArgumentException(descriptors.size() + " descriptors: at least 1 and at most " + limit
                    + " descriptors per message on this carrier");
        }
        for (int i = 0; i < descriptors.size(); i++) {
            if (!descriptors.get(i).isOpen()) {
                throw new IllegalArgumentException(descriptors.get(i) + " is not open");
            }
        }
        return descriptors;
    }

    /** Makes at most {@code calls} system calls. */
    Progress write(ChannelOutboundBuffer out, int calls) throws Exception {
        for (int i = 0; i < calls; i++) {
            Object message = out.current();
            if (message == null) {
                return Progress.EMPTY;
            }
            Progress progress = message instanceof Descriptors descriptors
                    ? writeDescriptors(out, descriptors)
                    : writeBytes(out, (ByteBuf) message);
            if (progress != Progress.MORE) {
                return progress;
            }
        }
        return out.current() == null ? Progress.EMPTY : Progress.MORE;
    }

    private Progress writeDescriptors(ChannelOutboundBuffer out, Descriptors descriptors) throws SystemCallException {
        int count = collect(descriptors);
        int sent = kernel.sendDescriptors(socket, numbers, count);
        if (sent < 0) {
            return refused(-sent, "sendmsg", count + " descriptors");
        }
        refusals = 0;
        out.remove();
        return Progress.MORE;
    }

    /** They go as they are now: one that was closed since it was queued would be somebody else's number. */
    private int collect(Descriptors descriptors) {
        int count = descriptors.size();
        if (numbers.length < count) {
            numbers = new int[kernel.descriptorsPerMessage()];
        }
        for (int i = 0; i < count; i++) {
            FileDescriptor fd = descriptors.get(i).peek();
            if (!fd.isOpen()) {
                throw new IllegalStateException(descriptors.get(i) + " was closed before it was sent");
            }
            numbers[i] = fd.intValue();
        }
        return count;
    }

    private Progress writeBytes(ChannelOutboundBuffer out, ByteBuf first) throws Exception {
        if (!first.isReadable()) {
            out.remove();
            return Progress.MORE;
        }
        return out.size() == 1 && first.hasMemoryAddress() ? writeOne(out, first) : writeMany(out);
    }

    private Progress writeOne(ChannelOutboundBuffer out, ByteBuf buffer) throws SystemCallException {
        int length = buffer.readableBytes();
        int sent = kernel.send(socket, buffer.memoryAddress() + buffer.readerIndex(), length);
        return written(out, sent, length);
    }

    private Progress writeMany(ChannelOutboundBuffer out) throws Exception {
        IovArray vector = VECTOR.get();
        vector.clear();
        out.forEachFlushedMessage(vector);
        long length = vector.size();
        long sent = kernel.send(socket, vector.memoryAddress(0), vector.count(), length);
        return written(out, sent, length);
    }

    private Progress written(ChannelOutboundBuffer out, long sent, long length) throws SystemCallException {
        if (sent < 0) {
            return refused((int) -sent, "send", length + " bytes");
        }
        out.removeBytes(sent);
        return sent < length ? Progress.BLOCKED : Progress.MORE;
    }

    private Progress refused(int errno, String call, String what) throws SystemCallException {
        if (errno == Errno.EAGAIN) {
            return Progress.BLOCKED;
        }
        if (Errno.isRetriedLater(errno)) {
            refusals++;
            if (refusals == NOT_JUST_A_MOMENT) {
                logger.warn(
                        "{} refused for now ({}): this user may have no more descriptors in flight than the"
                                + " limit of open files (RLIMIT_NOFILE); trying on",
                        what,
                        Errno.failure(call, errno, "").getMessage());
            }
            return Progress.LATER;
        }
        throw Errno.failure(call, errno, "socket " + socket.intValue() + ", " + what);
    }
}
