package io.fdnetty.channel;

import io.fdnetty.fd.Descriptor;
import io.fdnetty.fd.Descriptors;
import io.fdnetty.internal.sys.Kernel;
import io.fdnetty.testing.SocketPairs;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Two connected channels on event loops of their own, and what each received. */
final class Pair implements AutoCloseable {
    final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, EpollIoHandler.newFactory());
    final AncillarySocketChannel left;
    final AncillarySocketChannel right;
    final Inbox atLeft = new Inbox();
    final Inbox atRight = new Inbox();

    Pair(Kernel left, Kernel right) throws IOException {
        Socket[] sockets = SocketPairs.unix();
        this.left = new AncillarySocketChannel(null, sockets[0], left, true);
        this.right = new AncillarySocketChannel(null, sockets[1], right, true);
        this.left.pipeline().addLast(atLeft);
        this.right.pipeline().addLast(atRight);
    }

    /** Registers both. */
    Pair start() {
        loops.register(left).syncUninterruptibly();
        loops.register(right).syncUninterruptibly();
        return this;
    }

    /** Plans the right side's reads: so many plain bytes, then descriptors only. */
    Pair descriptorsAfter(int plainBytes) {
        right.readPlan(() -> atRight.received() < plainBytes ? plainBytes - atRight.received() : ReadPlan.DESCRIPTOR);
        return this;
    }

    static ByteBuf bytes(int count) {
        byte[] pattern = new byte[count];
        for (int i = 0; i < count; i++) {
            pattern[i] = (byte) (i * 31 + (i >> 8));
        }
        return Unpooled.directBuffer(count).writeBytes(pattern);
    }

    static Descriptors owned(List<FileDescriptor> fds) {
        List<Descriptor> descriptors = new ArrayList<>();
        for (FileDescriptor fd : fds) {
            descriptors.add(Descriptor.adopt(fd, "test"));
        }
        return Descriptors.of(descriptors);
    }

    private static void closed(AncillarySocketChannel channel) {
        if (channel.isOpen()) {
            channel.close().syncUninterruptibly();
        }
    }

    @Override
    public void close() {
        closed(left);
        closed(right);
        loops.shutdownGracefully(0, 10, TimeUnit.SECONDS).syncUninterruptibly();
        atLeft.close();
        atRight.close();
    }
}
