package io.fdnetty.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fdnetty.channel.ReadPlan;
import io.fdnetty.fd.Descriptor;
import io.fdnetty.fd.Descriptors;
import io.fdnetty.testing.DescriptorLeaks;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(DescriptorLeaks.class)
class FrameDecoderTest {
    private final FrameDecoder decoder = new FrameDecoder(new FrameLimits(1000, 10));
    private final EmbeddedChannel channel = new EmbeddedChannel(decoder);

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 253})
    void framesSurviveEveryFragmentation(int perMessage) throws IOException {
        new DecoderVerifier(FrameLimits.defaults(), perMessage)
                .verify(
                        WireFrame.of(1, 0, 0, perMessage),
                        WireFrame.of(2, 17, 0, perMessage),
                        WireFrame.of(255, 0, 1, perMessage),
                        WireFrame.of(0, 300, 7, perMessage),
                        WireFrame.of(3, 1, 4, perMessage),
                        WireFrame.of(4, 0, 0, perMessage));
    }

    @Test
    void aFrameMayCarryMoreDescriptorsThanOneMessage() throws IOException {
        new DecoderVerifier(FrameLimits.defaults(), 253)
                .verify(WireFrame.of(1, 10, 600, 253), WireFrame.of(2, 0, 0, 253));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void descriptorsThatTheKernelDroppedAreMissingAtTheEnd(int arrive) throws IOException {
        WireFrame frame = WireFrame.of(1, 5, 9, 3);
        for (int group = 0; group < 3; group++) {
            new DecoderVerifier(FrameLimits.defaults(), 3)
                    .verify(frame.robbed(group, arrive), WireFrame.of(2, 4, 5, 3), WireFrame.of(3, 0, 0, 3));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aDescriptorThatIsLostDoesNotShiftTheOthersWithOneInAMessage(int group) throws IOException {
        new DecoderVerifier(FrameLimits.defaults(), 1)
                .verify(WireFrame.of(1, 5, 2, 1).robbed(group, 0), WireFrame.of(2, 0, 2, 1), WireFrame.of(3, 8, 0, 1));
    }

    @Test
    void aLongPayloadIsNotAllocatedOnTheWordOfItsHeader() {
        EmbeddedChannel big = new EmbeddedChannel(new FrameDecoder(new FrameLimits(FrameLimits.LARGEST_PAYLOAD, 0)));
        long before = allocated();

        big.writeInbound(header(1, 0, 0, FrameLimits.LARGEST_PAYLOAD), Unpooled.wrappedBuffer(new byte[100]));

        assertThat(allocated() - before).isLessThan(64L << 20);
        assertThatThrownBy(big::finish).isInstanceOf(FrameException.class).hasMessageContaining("ended inside a frame");
    }

    private static long allocated() {
        return Runtime.getRuntime().totalMemory()
                - Runtime.getRuntime().freeMemory()
                + io.netty.util.internal.PlatformDependent.usedDirectMemory();
    }

    @Test
    void aLongPayloadInManyPiecesIsCopiedAFewTimesOnly() {
        int length = 48 << 20;
        EmbeddedChannel big = new EmbeddedChannel(new FrameDecoder(new FrameLimits(length, 0)));
        big.writeInbound(header(1, 0, 0, length));
        for (int sent = 0; sent < length; sent += 1 << 16) {
            big.writeInbound(ByteBufAllocator.DEFAULT.buffer(1 << 16).writeZero(1 << 16));
        }
        Frame frame = big.readInbound();
        assertThat(frame.payload().readableBytes()).isEqualTo(length);
        assertThat(frame.payload().capacity()).isEqualTo(length);
        frame.release();
        big.finish();
    }

    @Test
    void theReadPlanNeverReachesOverADescriptor() throws IOException {
        assertThat(decoder.nextBytes()).isEqualTo(8);
        channel.writeInbound(header(1, 0, 2, 3));
        assertThat(decoder.nextBytes()).isEqualTo(3);
        channel.writeInbound(Unpooled.wrappedBuffer(new byte[1]));
        assertThat(decoder.nextBytes()).isEqualTo(2);
        channel.writeInbound(Unpooled.wrappedBuffer(new byte[2]));
        assertThat(decoder.nextBytes()).isEqualTo(ReadPlan.DESCRIPTOR);
        channel.pipeline().fireChannelRead(Unpooled.wrappedBuffer(new byte[1]));
        assertThat(decoder.nextBytes()).isEqualTo(ReadPlan.DESCRIPTOR);
        channel.pipeline().fireChannelRead(descriptor());
        channel.pipeline().fireChannelRead(Unpooled.wrappedBuffer(new byte[1]));
        assertThat(decoder.nextBytes())
                .as("its descriptor may be lost; what follows is a header in any case")
                .isEqualTo(8);
        channel.pipeline().fireChannelRead(descriptor());
        assertThat(decoder.nextBytes()).isEqualTo(8);
        channel.<Frame>readInbound().release();
        assertThat(channel.finish()).isFalse();
    }

    @Test
    void aPayloadBeyondTheLimitIsRefusedByItsHeader() {
        fails(header(1, 0, 0, 1001), "payload of 1001 bytes, at most 1000");
        assertThat(channel.finish()).isFalse();
    }

    @Test
    void aLengthThatIsNegativeAsAnIntIsTooLong() {
        fails(header(1, 0, 0, -1), "payload of 4294967295 bytes");
        assertThat(channel.finish()).isFalse();
    }

    @Test
    void tooManyDescriptorsAreRefusedByTheHeader() {
        fails(header(1, 0, 11, 0), "11 descriptors, at most 10");
        assertThat(channel.finish()).isFalse();
    }

    @Test
    void unknownFlagsAreRefused() {
        fails(header(1, 2, 0, 0), "unknown flags 0x2");
        assertThat(channel.finish()).isFalse();
    }

    @Test
    void descriptorsThatNobodyAnnouncedAreClosedAndReported() throws IOException {
        assertThatThrownBy(() -> channel.writeInbound(descriptor()))
                .isInstanceOf(FrameException.class)
                .hasMessageContaining("1 descriptors came, 0 were announced");
        assertThat(channel.finish()).isFalse();
    }

    @Test
    void moreDescriptorsThanAnnouncedAreClosedAndReported() throws IOException {
        channel.writeInbound(header(1, 0, 2, 0));
        channel.pipeline().fireChannelRead(Unpooled.wrappedBuffer(new byte[1]));
        Descriptors two = Descriptors.of(one(), one());
        assertThatThrownBy(() -> channel.writeInbound(two))
                .isInstanceOf(FrameException.class)
                .hasMessageContaining("2 descriptors came, 1 were announced");
        assertThat(channel.finish()).isFalse();
    }

    @Test
    void afterAnErrorEverythingIsReleasedUnread() throws IOException {
        fails(header(1, 4, 0, 0), "unknown flags");
        ByteBuf more = header(1, 0, 0, 0);
        channel.writeInbound(more, descriptor());
        assertThat(more.refCnt()).isZero();
        assertThat(channel.finish()).isFalse();
    }

    @Test
    void aStreamThatEndsInsideAFrameIsAnErrorAndClosesWhatCame() throws IOException {
        channel.writeInbound(header(1, 0, 2, 0));
        channel.pipeline().fireChannelRead(Unpooled.wrappedBuffer(new byte[1]));
        channel.pipeline().fireChannelRead(descriptor());
        assertThatThrownBy(channel::finish)
                .isInstanceOf(FrameException.class)
                .hasMessageContaining("ended inside a frame");
    }

    @Test
    void aStreamThatEndsInsideAHeaderIsAnError() {
        channel.writeInbound(Unpooled.wrappedBuffer(new byte[3]));
        assertThatThrownBy(channel::finish).isInstanceOf(FrameException.class);
    }

    @Test
    void removedInTheMiddleOfAFrameItLetsGoOfWhatItHas() throws IOException {
        channel.writeInbound(header(1, 0, 2, 2), Unpooled.wrappedBuffer(new byte[2]));
        channel.pipeline().fireChannelRead(Unpooled.wrappedBuffer(new byte[1]));
        channel.pipeline().fireChannelRead(descriptor());
        channel.pipeline().remove(decoder);
        assertThat(channel.finish()).isFalse();
    }

    private void fails(ByteBuf bytes, String reason) {
        assertThatThrownBy(() -> channel.writeInbound(bytes))
                .isInstanceOf(FrameException.class)
                .hasMessageContaining(reason);
    }

    static ByteBuf header(int type, int flags, int descriptors, int length) {
        return Unpooled.buffer()
                .writeByte(type)
                .writeByte(flags)
                .writeShort(descriptors)
                .writeInt(length);
    }

    private static Descriptors descriptor() throws IOException {
        return Descriptors.of(one());
    }

    private static Descriptor one() throws IOException {
        FileDescriptor[] pipe = FileDescriptor.pipe();
        pipe[1].close();
        return Descriptor.adopt(pipe[0], "pipe");
    }
}
