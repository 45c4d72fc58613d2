package io.fdnetty.internal.protocol;

import io.fdnetty.channel.AncillarySocketChannel;
import io.fdnetty.channel.ReadPlan;
import io.fdnetty.fd.Descriptor;
import io.fdnetty.fd.Descriptors;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Bytes and descriptors in, {@link Frame}s out.
 *
 * <pre>
 *  0        1        2                 4                                   8
 * +--------+--------+-----------------+-----------------------------------+-------------+--------------+
 * | type   | flags  | descriptorCount |           payloadLength           |   payload   | carrier bytes|
 * | u8     | u8     | u16             |           u32                     |             | ceil(count/n)|
 * +--------+--------+-----------------+-----------------------------------+-------------+--------------+
 *  flags: bit 0 = the frame may be skipped by whoever does not know its type; all others 0
 *  carrier byte: one for every 1..n descriptors; its value has no meaning. All but the last carry n.
 * </pre>
 *
 * <p>The channel delivers descriptors right after the bytes with which they came, and a read ends behind a carrier
 * byte; so a carrier byte that is not followed by its descriptors has lost them to the kernel (MSG_CTRUNC). From the
 * first group that comes short on, the descriptors of that frame count as missing: which ones of a later group arrived
 * could not be told.
 *
 * <p>On the channel's event loop. A {@link FrameException} goes through the pipeline once; whatever comes after it is
 * released unread. Source: recvmsg(2), unix(7).
 */
public final class FrameDecoder extends ChannelInboundHandlerAdapter implements ReadPlan {
    static final int HEADER_BYTES = 8;
    static final int SKIPPABLE = 1;

    /** A payload buffer begins with at most this much and grows as bytes arrive. */
    private static final int FIRST_BYTES = 1 << 16;

    private final FrameLimits limits;
    private final ByteBuf header = Unpooled.buffer(HEADER_BYTES, HEADER_BYTES);
    private final List<Descriptor> arrived = new ArrayList<>();
    private int perMessage = 1;
    private Step step = Step.HEADER;
    private int type;
    private boolean skippable;
    private int count;
    private int length;
    private int announced;
    private int lost;
    private @Nullable ByteBuf payload;

    private enum Step {
        HEADER,
        PAYLOAD,
        CARRIER,
        DESCRIPTORS,
        BROKEN
    }

    public FrameDecoder(FrameLimits limits) {
        this.limits = limits;
    }

    /** From the next frame on, one carrier byte stands for up to this many descriptors; 1 in the beginning. */
    public void descriptorsPerMessage(int most) {
        if (most < 1) {
            throw new IllegalArgumentException("descriptorsPerMessage: " + most + " (expected: >= 1)");
        }
        perMessage = most;
    }

    @Override
    public int nextBytes() {
        return switch (step) {
            case HEADER -> header.writableBytes();
            case PAYLOAD -> length - (payload == null ? 0 : payload.readableBytes());
            case CARRIER -> DESCRIPTOR;
            case DESCRIPTORS -> announced == count ? HEADER_BYTES : DESCRIPTOR;
            case BROKEN -> HEADER_BYTES;
        };
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        if (ctx.channel() instanceof AncillarySocketChannel channel) {
            channel.readPlan(this);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (step == Step.BROKEN) {
            ReferenceCountUtil.release(message);
        } else if (message instanceof ByteBuf bytes) {
            read(ctx, bytes);
        } else if (message instanceof Descriptors descriptors) {
            read(ctx, descriptors);
        } else {
            ctx.fireChannelRead(message);
        }
    }

    private void read(ChannelHandlerContext ctx, ByteBuf bytes) {
        try {
            groupIsWhole(ctx);
            while (bytes.isReadable() && step != Step.BROKEN) {
                advance(ctx, bytes);
            }
        } catch (RuntimeException | Error e) {
            broken(ctx, e); // what follows would be read from its middle
        } finally {
            bytes.release();
        }
    }

    private void advance(ChannelHandlerContext ctx, ByteBuf bytes) {
        switch (step) {
            case HEADER -> readHeader(ctx, bytes);
            case PAYLOAD -> readPayload(ctx, bytes);
            case CARRIER -> {
                bytes.skipBytes(1);
                announced += Math.min(perMessage, count - announced);
                step = Step.DESCRIPTORS;
            }
            case DESCRIPTORS -> groupIsWhole(ctx);
            case BROKEN -> throw new AssertionError("a broken decoder reads nothing");
        }
    }

    private void readHeader(ChannelHandlerContext ctx, ByteBuf bytes) {
        bytes.readBytes(header, Math.min(bytes.readableBytes(), header.writableBytes()));
        if (header.isWritable()) {
            return;
        }
        type = header.readUnsignedByte();
        int flags = header.readUnsignedByte();
        count = header.readUnsignedShort();
        long payloadLength = header.readUnsignedInt();
        header.clear();
        check(flags, payloadLength);
        skippable = flags == SKIPPABLE;
        length = (int) payloadLength;
        step = Step.PAYLOAD;
        if (length == 0) {
            payload = Unpooled.EMPTY_BUFFER;
            payloadIsWhole(ctx);
        }
    }

    private void check(int flags, long payloadLength) {
        if ((flags & ~SKIPPABLE) != 0) {
            throw new FrameException("frame of type " + type + ": unknown flags 0x" + Integer.toHexString(flags));
        }
        if (payloadLength > limits.maxPayload()) {
            throw new FrameException("frame of type " + type + ": payload of " + payloadLength + " bytes, at most "
                    + limits.maxPayload() + " are accepted");
        }
        if (count > limits.maxDescriptors()) {
            throw new FrameException("frame of type " + type + ": " + count + " descriptors, at most "
                    + limits.maxDescriptors() + " are accepted");
        }
    }

    private void readPayload(ChannelHandlerContext ctx, ByteBuf bytes) {
        ByteBuf collected = payload;
        if (collected == null && bytes.readableBytes() >= length) {
            payload = bytes.readRetainedSlice(length);
        } else {
            if (collected == null) {
                collected = ctx.alloc().buffer(Math.min(length, FIRST_BYTES), length);
                payload = collected;
            }
            int more = Math.min(bytes.readableBytes(), length - collected.readableBytes());
            makeRoom(collected, more);
            collected.writeBytes(bytes, more);
            if (collected.readableBytes() < length) {
                return;
            }
        }
        payloadIsWhole(ctx);
    }

    /** Doubles, because Netty's own growth gets linear above 4 MiB and so would copy a long payload again and again. */
    private void makeRoom(ByteBuf collected, int more) {
        int needed = collected.readableBytes() + more;
        if (needed > collected.capacity()) {
            collected.capacity((int) Math.min(length, Math.max(needed, 2L * collected.capacity())));
        }
    }

    private void payloadIsWhole(ChannelHandlerContext ctx) {
        if (count == 0) {
            fire(ctx);
        } else {
            step = Step.CARRIER;
        }
    }

    private void read(ChannelHandlerContext ctx, Descriptors descriptors) {
        try {
            take(descriptors);
            groupIsWhole(ctx);
        } catch (RuntimeException | Error e) {
            broken(ctx, e);
        } finally {
            descriptors.release();
        }
    }

    private void take(Descriptors descriptors) {
        int due = announced - arrived.size() - lost;
        if (step != Step.DESCRIPTORS || descriptors.size() > due) {
            throw new FrameException(descriptors.size() + " descriptors came, " + (step == Step.DESCRIPTORS ? due : 0)
                    + " were announced");
        }
        if (lost == 0) {
            arrived.addAll(descriptors.takeAll());
        }
    }

    /** What this group's descriptors had to bring is here or will never come. */
    private void groupIsWhole(ChannelHandlerContext ctx) {
        if (step == Step.DESCRIPTORS) {
            lost = announced - arrived.size();
            step = Step.CARRIER;
            if (announced == count) {
                fire(ctx);
            }
        }
    }

    private void fire(ChannelHandlerContext ctx) {
        ByteBuf whole = payload == null ? Unpooled.EMPTY_BUFFER : payload;
        Frame frame = Frame.received(type, skippable, whole, arrived, lost);
        payload = null;
        arrived.clear();
        announced = 0;
        lost = 0;
        step = Step.HEADER;
        ctx.fireChannelRead(frame);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        groupIsWhole(ctx);
        ctx.fireChannelReadComplete();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        groupIsWhole(ctx);
        if (header.isReadable() || step == Step.PAYLOAD || step == Step.CARRIER) {
            broken(ctx, new FrameException("the stream ended inside a frame"));
        }
        ctx.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        step = Step.BROKEN;
        discard();
    }

    private void broken(ChannelHandlerContext ctx, Throwable cause) {
        discard();
        step = Step.BROKEN;
        ctx.fireExceptionCaught(cause);
    }

    private void discard() {
        header.clear();
        arrived.forEach(Descriptor::close);
        arrived.clear();
        if (payload != null) {
            payload.release();
            payload = null;
        }
    }
}
