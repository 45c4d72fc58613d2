package io.fdnetty.channel;

import io.fdnetty.fd.Descriptor;
import io.fdnetty.fd.Descriptors;
import io.fdnetty.internal.sys.Errno;
import io.fdnetty.internal.sys.Kernel;
import io.fdnetty.internal.sys.ReceivedDescriptors;
import io.fdnetty.internal.sys.SystemCallException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.RecvByteBufAllocator.ExtendedHandle;
import io.netty.channel.unix.Buffer;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Reads a socket once and fires what came: bytes, then the descriptors that came with them.
 *
 * <p>Used on the channel's event loop. What is fired belongs to the pipeline.
 */
final class SocketReader {
    /** What one read found. */
    enum Result {
        /** Something, and there may be more. */
        MORE,
        /** Something, and most likely there is no more now. */
        LAST,
        /** Nothing now. */
        NOTHING,
        /** The end of the stream, or the peer is gone and everything that it sent is read. */
        END
    }

    private final Kernel kernel;
    private final Socket socket;
    private final ReceivedDescriptors arrivals = new ReceivedDescriptors();
    private IntFunction<String> names = i -> "descriptor-" + i;
    private @Nullable ReadPlan plan;
    private int arrived;

    SocketReader(Kernel kernel, Socket socket) {
        this.kernel = kernel;
        this.socket = socket;
    }

    /** Obeyed from the next read on, if the kernel does not read ahead. */
    void plan(ReadPlan newPlan) {
        plan = kernel.readsAhead() ? null : newPlan;
    }

    /** The name of the i-th descriptor that arrives on this channel, from 0. */
    void names(IntFunction<String> newNames) {
        names = newNames;
    }

    /**
     * One system call.
     *
     * @throws SystemCallException if the socket cannot be read any more
     */
    Result read(ByteBufAllocator allocator, ExtendedHandle sizes, ChannelPipeline pipeline) throws SystemCallException {
        int bound = plan == null ? Integer.MAX_VALUE : plan.nextBytes();
        if (bound < 0) {
            throw new IllegalStateException("the read plan wants " + bound + " bytes");
        }
        return bound == ReadPlan.DESCRIPTOR
                ? readDescriptor(allocator, sizes, pipeline)
                : readBytes(allocator.directBuffer(Math.min(sizes.guess(), bound)), sizes, pipeline);
    }

    private Result readBytes(ByteBuf buffer, ExtendedHandle sizes, ChannelPipeline pipeline)
            throws SystemCallException {
        int room = buffer.writableBytes();
        int read = kernel.receive(socket, address(buffer), room, arrivals);
        if (read <= 0) {
            buffer.release();
            return nothing(read);
        }
        buffer.writerIndex(buffer.writerIndex() + read);
        sizes.attemptedBytesRead(room);
        fire(buffer, sizes, pipeline);
        return read == room || plan != null || arrivals.count() > 0 || arrivals.truncated() ? Result.MORE : Result.LAST;
    }

    private Result readDescriptor(ByteBufAllocator allocator, ExtendedHandle sizes, ChannelPipeline pipeline)
            throws SystemCallException {
        int read = kernel.receiveDescriptor(socket, arrivals);
        if (read <= 0) {
            return nothing(read);
        }
        fire(allocator.directBuffer(1).writeZero(1), sizes, pipeline);
        return Result.MORE;
    }

    private void fire(ByteBuf bytes, ExtendedHandle sizes, ChannelPipeline pipeline) {
        sizes.incMessagesRead(1);
        sizes.lastBytesRead(bytes.readableBytes());
        int count = arrivals.count();
        boolean truncated = arrivals.truncated();
        Descriptors descriptors = count == 0 ? null : adoptArrivals(count);
        pipeline.fireChannelRead(bytes);
        if (descriptors != null) {
            pipeline.fireChannelRead(descriptors);
        }
        if (truncated) {
            pipeline.fireExceptionCaught(new DescriptorsTruncatedException(count));
        }
    }

    private Descriptors adoptArrivals(int count) {
        List<Descriptor> adopted = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            adopted.add(Descriptor.adopt(new FileDescriptor(arrivals.get(i)), names.apply(arrived++)));
        }
        return Descriptors.of(adopted);
    }

    private Result nothing(int read) throws SystemCallException {
        if (read == -Errno.EAGAIN) {
            return Result.NOTHING;
        }
        if (read == 0 || Errno.isPeerGone(-read)) {
            return Result.END;
        }
        throw Errno.failure("recvmsg", -read, "socket " + socket.intValue());
    }

    private static long address(ByteBuf buffer) {
        if (buffer.hasMemoryAddress()) {
            return buffer.memoryAddress() + buffer.writerIndex();
        }
        ByteBuffer view = buffer.internalNioBuffer(buffer.writerIndex(), buffer.writableBytes());
        return Buffer.memoryAddress(view) + view.position();
    }
}
