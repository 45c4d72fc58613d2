package io.fdnetty.internal.gate;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;

/** Buffers in the order of their bytes. Event loop only; owns what was added until it is taken or released. */
public final class ByteQueue {
    private static final int COPY_UP_TO = 16 << 10;

    private final List<ByteBuf> buffers = new ArrayList<>(1);
    private long size;

    public void add(ByteBuf buffer) {
        if (buffer.isReadable()) {
            buffers.add(buffer);
            size += buffer.readableBytes();
        } else {
            buffer.release();
        }
    }

    public long size() {
        return size;
    }

    /** All bytes in one buffer, which belongs to the caller; this queue is empty afterwards. */
    public ByteBuf take(ByteBufAllocator alloc) {
        ByteBuf all = buffers.size() <= 1 ? takeOnly() : size <= COPY_UP_TO ? copyAll(alloc) : composeAll(alloc);
        buffers.clear();
        size = 0;
        return all;
    }

    public void release() {
        buffers.forEach(ByteBuf::release);
        buffers.clear();
        size = 0;
    }

    private ByteBuf takeOnly() {
        return buffers.isEmpty() ? Unpooled.EMPTY_BUFFER : buffers.get(0);
    }

    private ByteBuf copyAll(ByteBufAllocator alloc) {
        ByteBuf copy = alloc.directBuffer((int) size);
        for (ByteBuf buffer : buffers) {
            copy.writeBytes(buffer);
            buffer.release();
        }
        return copy;
    }

    private ByteBuf composeAll(ByteBufAllocator alloc) {
        CompositeByteBuf composite = alloc.compositeDirectBuffer(Integer.MAX_VALUE);
        buffers.forEach(buffer -> composite.addComponent(true, buffer));
        return composite;
    }
}
