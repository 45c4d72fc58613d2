package io.fdnetty.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fdnetty.fd.Descriptor;
import io.fdnetty.fd.Descriptors;
import io.fdnetty.testing.DescriptorLeaks;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DescriptorLeaks.class)
class FrameEncoderTest {
    private final FrameEncoder encoder = new FrameEncoder();
    private final EmbeddedChannel channel = new EmbeddedChannel(encoder);

    @Test
    void aFrameIsItsHeaderItsPayloadAndItsDescriptorsInGroups() throws IOException {
        encoder.descriptorsPerMessage(2);
        channel.writeOutbound(Frame.of(200, true, Unpooled.wrappedBuffer(new byte[] {7, 8}), descriptors(5)));

        ByteBuf bytes = channel.readOutbound();
        assertThat(ByteBufUtil.hexDump(bytes)).isEqualTo("c801000500000002" + "0708");
        bytes.release();
        for (int size : new int[] {2, 2, 1}) {
            Descriptors group = channel.readOutbound();
            assertThat(group.size()).isEqualTo(size);
            group.release();
        }
        assertThat(channel.finish()).isFalse();
    }

    @Test
    void aFrameWithNothingInItIsEightBytes() {
        channel.writeOutbound(Frame.of(9, false, Unpooled.EMPTY_BUFFER));
        ByteBuf bytes = channel.readOutbound();
        assertThat(ByteBufUtil.hexDump(bytes)).isEqualTo("0900000000000000");
        bytes.release();
        assertThat(channel.finish()).isFalse();
    }

    @Test
    void theFramesPromiseIsKeptByItsLastPiece() throws IOException {
        List<ChannelPromise> pieces = new ArrayList<>();
        channel.pipeline().addFirst(new ChannelOutboundHandlerAdapter() {
            @Override
            public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
                ReferenceCountUtil.release(message);
                pieces.add(promise);
            }
        });
        ChannelFuture frame = channel.write(Frame.of(1, false, Unpooled.EMPTY_BUFFER, descriptors(2)));

        assertThat(pieces).hasSize(3);
        pieces.get(0).setSuccess();
        pieces.get(1).setSuccess();
        assertThat(frame.isDone()).isFalse();
        pieces.get(2).setFailure(new IOException("EPIPE"));
        assertThat(frame.cause()).hasMessage("EPIPE");
        assertThat(channel.finish()).isFalse();
    }

    @Test
    void aSpentDescriptorFailsTheWriteAndTheOthersAreClosed() throws IOException {
        Descriptor spent = one();
        Descriptor other = one();
        Frame frame = Frame.of(1, false, Unpooled.EMPTY_BUFFER, Descriptors.of(other, spent));
        spent.close();

        ChannelFuture written = channel.write(frame);

        assertThat(written.cause()).isInstanceOf(IllegalArgumentException.class);
        assertThat(other.isOpen()).isFalse();
        assertThat(frame.refCnt()).isZero();
        assertThat(channel.finish()).isFalse();
    }

    @Test
    void whatTheHeaderCannotSayIsRefused() {
        assertThatThrownBy(() -> Frame.of(256, false, Unpooled.EMPTY_BUFFER))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("type: 256");
        assertThatThrownBy(() -> encoder.descriptorsPerMessage(0)).isInstanceOf(IllegalArgumentException.class);
    }

    private static Descriptors descriptors(int count) throws IOException {
        List<Descriptor> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(one());
        }
        return Descriptors.of(all);
    }

    private static Descriptor one() throws IOException {
        FileDescriptor[] pipe = FileDescriptor.pipe();
        pipe[1].close();
        return Descriptor.adopt(pipe[0], "pipe");
    }
}
