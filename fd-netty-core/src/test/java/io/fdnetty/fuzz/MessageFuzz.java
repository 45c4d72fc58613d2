package io.fdnetty.fuzz;

import io.fdnetty.fd.Descriptor;
import io.fdnetty.internal.protocol.ConnectionUnit;
import io.fdnetty.internal.protocol.Frame;
import io.fdnetty.internal.protocol.Message;
import io.fdnetty.internal.protocol.MessageDecoder;
import io.fdnetty.internal.protocol.MessageEncoder;
import io.fdnetty.internal.protocol.ReceivedFrames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import java.util.ArrayList;
import java.util.List;

/**
 * An arbitrary payload as a message of any type, with any number of descriptors, some of which the kernel dropped. It
 * is refused with a {@link DecoderException}, or it is a message that is written again as the same bytes and
 * descriptors. Nothing leaks.
 */
public final class MessageFuzz {
    private static final UnpooledByteBufAllocator ALLOC = new UnpooledByteBufAllocator(false, true);
    private static final EmbeddedChannel DECODER = channel(new MessageDecoder());
    private static final EmbeddedChannel ENCODER = channel(new MessageEncoder());

    private MessageFuzz() {}

    private static EmbeddedChannel channel(io.netty.channel.ChannelHandler handler) {
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.config().setAllocator(ALLOC);
        channel.pipeline().addLast(handler);
        return channel;
    }

    public static void fuzzerTestOneInput(byte[] data) {
        FuzzInput input = new FuzzInput(data);
        int type = input.below(19);
        int counts = input.u8();
        int arrived = counts & 0xf;
        int missing = counts >> 6;
        boolean skippable = (counts & 0x10) != 0;
        byte[] payload = input.take(input.left());
        Tokens tokens = new Tokens();
        List<Descriptor> descriptors = tokens.next(arrived);
        Message message = decode(ReceivedFrames.of(type, skippable, buffer(payload), descriptors, missing));
        if (message != null) {
            boolean lost = lost(message) > 0;
            Checks.that(lost(message) == missing, "the missing descriptors are not counted");
            if (lost) {
                message.discard();
            } else {
                roundTrip(type, payload, message, arrived);
            }
        }
        tokens.assertAllClosed();
        Checks.that(ALLOC.metric().usedHeapMemory() == 0, "buffers are leaked");
    }

    private static ByteBuf buffer(byte[] bytes) {
        return ALLOC.heapBuffer(bytes.length).writeBytes(bytes);
    }

    /** The message, or null if the frame was refused or skipped. */
    private static Message decode(Frame frame) {
        try {
            DECODER.writeInbound(frame);
        } catch (DecoderException refused) {
            Checks.that(DECODER.inboundMessages().isEmpty(), "a refused frame is delivered");
        }
        Checks.that(frame.refCnt() == 0, "the frame is not released");
        Message message = DECODER.readInbound();
        Checks.that(DECODER.inboundMessages().isEmpty(), "one frame, several messages");
        return message;
    }

    private static int lost(Message message) {
        return message instanceof Message.Connections connections
                ? connections.units().stream()
                        .mapToInt(ConnectionUnit::missingDescriptors)
                        .sum()
                : 0;
    }

    private static void roundTrip(int type, byte[] payload, Message message, int arrived) {
        ENCODER.writeOutbound(message);
        Frame written = ENCODER.readOutbound();
        Checks.that(written.type() == type, "another type", written);
        Checks.that(written.descriptors().size() == arrived, "other descriptors", written);
        byte[] again = ByteBufUtil.getBytes(written.payload());
        Checks.that(java.util.Arrays.equals(again, payload), "other bytes", written);
        List<Descriptor> descriptors = new ArrayList<>(written.descriptors().takeAll());
        int number = -1;
        for (Descriptor descriptor : descriptors) {
            int next = descriptor.peek().intValue();
            Checks.that(next > number, "the descriptors changed their order");
            number = next;
        }
        Message twice = decode(ReceivedFrames.of(type, false, buffer(again), descriptors, 0));
        Checks.that(twice != null, "what was written cannot be read", written);
        Checks.that(twice.toString().length() > 0, "a message without a name");
        twice.discard();
        written.release();
    }
}
