package io.fdnetty.fuzz;

import io.fdnetty.fd.Descriptors;
import io.fdnetty.internal.protocol.Frame;
import io.fdnetty.internal.protocol.FrameDecoder;
import io.fdnetty.internal.protocol.FrameException;
import io.fdnetty.internal.protocol.FrameLimits;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * Arbitrary bytes and descriptors, in arbitrary reads, into two frame decoders: one gets the reads as they are, the
 * other byte by byte. Both must see the same frames, throw nothing but {@link FrameException}, keep no more than has
 * arrived, and leak nothing.
 */
public final class FrameDecoderFuzz {
    private static final int[] MAX_PAYLOAD = {0, 1, 100, 1 << 16, 1 << 20, FrameLimits.LARGEST_PAYLOAD};
    private static final int[] MAX_DESCRIPTORS = {0, 1, 5, 300, 4096, 0xffff};
    private static final int[] PER_MESSAGE = {1, 2, 3, 64, 253};

    /** What a payload buffer begins with. */
    private static final int FIRST_BYTES = 1 << 16;

    private FrameDecoderFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) {
        FuzzInput input = new FuzzInput(data);
        FrameLimits limits = new FrameLimits(MAX_PAYLOAD[input.below(6)], MAX_DESCRIPTORS[input.below(6)]);
        int perMessage = PER_MESSAGE[input.below(5)];
        Side whole = new Side(limits, perMessage);
        Side cut = new Side(limits, perMessage);
        while (!input.isEmpty()) {
            step(input, whole, cut);
            whole.look();
            cut.look();
        }
        Checks.that(whole.finish().equals(cut.finish()), "the frames depend on how the bytes were cut");
    }

    private static void step(FuzzInput input, Side whole, Side cut) {
        int op = input.u8();
        int argument = op >> 2;
        switch (op & 3) {
            case 0 -> {
                byte[] bytes = input.take(argument + 1);
                whole.bytes(bytes, 0, bytes.length);
                for (int i = 0; i < bytes.length; i++) {
                    cut.bytes(bytes, i, 1);
                }
            }
            case 1 -> {
                whole.descriptors(argument);
                cut.descriptors(argument);
            }
            case 2 -> {
                whole.channel.pipeline().fireChannelReadComplete();
                cut.channel.pipeline().fireChannelReadComplete();
            }
            default -> {
                byte[] zeros = new byte[Math.min(whole.zeros(argument), Math.max(1, whole.decoder.nextBytes()))];
                whole.bytes(zeros, 0, zeros.length);
                cut.bytes(zeros, 0, zeros.length);
            }
        }
    }

    /** One decoder and what came out of it. */
    private static final class Side {
        final UnpooledByteBufAllocator alloc = new UnpooledByteBufAllocator(false, true);
        final Tokens tokens = new Tokens();
        final List<Long> seen = new ArrayList<>();
        final FrameDecoder decoder;
        final EmbeddedChannel channel = new EmbeddedChannel();
        private long arrived;
        private int longReads;
        private boolean broken;

        Side(FrameLimits limits, int perMessage) {
            decoder = new FrameDecoder(limits);
            decoder.descriptorsPerMessage(perMessage);
            channel.config().setAllocator(alloc);
            channel.pipeline().addLast(decoder);
        }

        void bytes(byte[] bytes, int from, int count) {
            Checks.that(decoder.nextBytes() >= -1, "the read plan");
            arrived += count;
            channel.pipeline().fireChannelRead(alloc.heapBuffer(count).writeBytes(bytes, from, count));
        }

        /** Many now and then: a long payload costs time. */
        int zeros(int argument) {
            return argument == 63 && longReads++ < 3 ? 40_000 : argument * 16;
        }

        void descriptors(int count) {
            channel.pipeline().fireChannelRead(Descriptors.of(tokens.next(count)));
        }

        void look() {
            for (Object message = channel.readInbound(); message != null; message = channel.readInbound()) {
                Checks.that(!broken, "a broken decoder goes on");
                frame((Frame) message);
            }
            failure();
            Checks.that(alloc.metric().usedHeapMemory() <= FIRST_BYTES + 2 * arrived, "more is held than has arrived");
        }

        private void frame(Frame frame) {
            seen.add(frame.type() + (frame.skippable() ? 1000L : 0));
            seen.add((long) frame.descriptors().size());
            seen.add((long) frame.missingDescriptors());
            seen.add((long) frame.payload().readableBytes());
            seen.add((long) ByteBufUtil.hashCode(frame.payload()));
            Checks.that(frame.release(), "somebody else holds a frame");
        }

        private void failure() {
            try {
                channel.checkException();
            } catch (FrameException e) {
                Checks.that(!broken, "two failures");
                broken = true;
                seen.add((long) e.getMessage().hashCode());
            }
        }

        List<Long> finish() {
            channel.pipeline().fireChannelReadComplete();
            look();
            try {
                channel.finish();
            } catch (FrameException e) {
                Checks.that(!broken, "two failures");
                seen.add((long) e.getMessage().hashCode());
            }
            tokens.assertAllClosed();
            Checks.that(alloc.metric().usedHeapMemory() == 0, "buffers are leaked");
            return seen;
        }
    }
}
