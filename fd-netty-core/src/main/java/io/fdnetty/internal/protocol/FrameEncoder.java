package io.fdnetty.internal.protocol;

import io.fdnetty.fd.Descriptor;
import io.fdnetty.fd.Descriptors;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import java.util.ArrayList;
import java.util.List;

/**
 * {@link Frame}s in, bytes and descriptors out, in the form that {@link FrameDecoder} draws.
 *
 * <p>Writing a frame hands it over. Its pieces go out in order and the channel's output ends with the first that fails,
 * so the promise of the last piece is the frame's. On the channel's event loop.
 */
public final class FrameEncoder extends ChannelOutboundHandlerAdapter {
    private int perMessage = 1;

    /** Begins with one descriptor in a message. */
    public FrameEncoder() {}

    /** From the next frame on, up to this many descriptors go into one message; 1 in the beginning. */
    public void descriptorsPerMessage(int most) {
        if (most < 1) {
            throw new IllegalArgumentException("descriptorsPerMessage: " + most + " (expected: >= 1)");
        }
        perMessage = most;
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (!(message instanceof Frame frame)) {
            ctx.write(message, promise);
            return;
        }
        try {
            List<Descriptors> groups = groups(frame.descriptors().takeAll());
            ByteBuf bytes =
                    Unpooled.wrappedBuffer(header(ctx, frame), frame.payload().retain());
            write(ctx, bytes, groups, promise);
        } finally {
            frame.release();
        }
    }

    /** Cuts the descriptors into messages; nothing is written yet. */
    private List<Descriptors> groups(List<Descriptor> descriptors) {
        List<Descriptors> groups = new ArrayList<>();
        boolean done = false;
        try {
            for (int from = 0; from < descriptors.size(); from += perMessage) {
                groups.add(Descriptors.of(descriptors.subList(from, Math.min(from + perMessage, descriptors.size()))));
            }
            done = true;
            return groups;
        } finally {
            if (!done) {
                groups.forEach(Descriptors::release);
                descriptors.forEach(Descriptor::close);
            }
        }
    }

    private static ByteBuf header(ChannelHandlerContext ctx, Frame frame) {
        ByteBuf header = ctx.alloc().directBuffer(FrameDecoder.HEADER_BYTES, FrameDecoder.HEADER_BYTES);
        header.writeByte(frame.type());
        header.writeByte(frame.skippable() ? FrameDecoder.SKIPPABLE : 0);
        header.writeShort(frame.descriptors().size());
        header.writeInt(frame.payload().readableBytes());
        return header;
    }

    private static void write(
            ChannelHandlerContext ctx, ByteBuf bytes, List<Descriptors> groups, ChannelPromise promise) {
        int last = groups.size() - 1;
        ctx.write(bytes, last < 0 ? promise : ctx.newPromise());
        for (int i = 0; i <= last; i++) {
            ctx.write(groups.get(i), i == last ? promise : ctx.newPromise());
        }
    }
}
