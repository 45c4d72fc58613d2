package io.fdnetty.internal.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fdnetty.fd.Descriptor;
import io.fdnetty.fd.Descriptors;
import io.fdnetty.internal.protocol.ConnectionPart;
import io.fdnetty.internal.protocol.ConnectionUnit;
import io.fdnetty.internal.protocol.FrameDecoder;
import io.fdnetty.internal.protocol.FrameEncoder;
import io.fdnetty.internal.protocol.FrameLimits;
import io.fdnetty.internal.protocol.Message;
import io.fdnetty.internal.protocol.MessageDecoder;
import io.fdnetty.internal.protocol.MessageEncoder;
import io.fdnetty.testing.DescriptorLeaks;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.unix.FileDescriptor;
import io.netty.handler.codec.DecoderException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A receiver at its limit of open files gets fewer descriptors than were sent: only the units that lack one are lost to
 * it.
 */
@ExtendWith(DescriptorLeaks.class)
class MissingDescriptorsTest {
    private static final int PER_MESSAGE = 3;

    private final FrameEncoder frames = new FrameEncoder();
    private final FrameDecoder decoder = new FrameDecoder(FrameLimits.defaults());
    private final EmbeddedChannel out = new EmbeddedChannel(frames, new MessageEncoder());
    private final EmbeddedChannel in = new EmbeddedChannel(decoder, new MessageDecoder());
    private final List<FileDescriptor> opened = new ArrayList<>();

    MissingDescriptorsTest() {
        frames.descriptorsPerMessage(PER_MESSAGE);
        decoder.descriptorsPerMessage(PER_MESSAGE);
    }

    @Test
    void theUnitsBeforeTheGapAreWholeAndHaveTheirOwnDescriptors() throws IOException {
        // units of 1, 2, 1, 2, … parts; the second message of three loses its last descriptor
        out.writeOutbound(new Message.Connections(List.of(unit(1, 1), unit(2, 2), unit(3, 1), unit(4, 2), unit(5, 1))));

        Message.Connections received = deliver(1, 2);

        assertThat(received.units())
                .extracting(ConnectionUnit::missingDescriptors)
                .containsExactly(0, 0, 0, 1, 1);
        assertThat(received.units().get(2).parts().get(0).descriptor().peek().intValue())
                .isEqualTo(opened.get(3).intValue());
        received.release();
        assertThat(opened).noneMatch(FileDescriptor::isOpen);
    }

    @Test
    void aMessageThatLostAllItsDescriptorsDoesNotShiftThoseOfTheNext() throws IOException {
        out.writeOutbound(new Message.Connections(List.of(unit(1, 3), unit(2, 3), unit(3, 3))));

        Message.Connections received = deliver(1, 0);

        assertThat(received.units())
                .extracting(ConnectionUnit::missingDescriptors)
                .containsExactly(0, 3, 3);
        received.release();
        assertThat(opened).noneMatch(FileDescriptor::isOpen);
    }

    @Test
    void aLifelineThatDidNotArriveIsAnError() throws IOException {
        out.writeOutbound(new Message.Welcome(1, 1, 1, 1, descriptor()));

        assertThatThrownBy(() -> deliver(0, 0))
                .isInstanceOf(DecoderException.class)
                .hasMessageContaining("the descriptor of life-line did not arrive");
        assertThat(opened).noneMatch(FileDescriptor::isOpen);
    }

    /** Carries what was written over; of the given message only so many descriptors arrive. */
    private Message.Connections deliver(int robbed, int arrive) {
        int message = 0;
        for (Object piece = out.readOutbound(); piece != null; piece = out.readOutbound()) {
            if (piece instanceof Descriptors sent) {
                in.pipeline().fireChannelRead(Unpooled.wrappedBuffer(new byte[1]));
                List<Descriptor> all = sent.takeAll();
                sent.release();
                int count = message++ == robbed ? arrive : all.size();
                all.subList(count, all.size()).forEach(Descriptor::close);
                if (count > 0) {
                    in.pipeline().fireChannelRead(Descriptors.of(all.subList(0, count)));
                }
            } else {
                in.pipeline().fireChannelRead((ByteBuf) piece);
            }
        }
        in.pipeline().fireChannelReadComplete();
        in.checkException();
        return in.readInbound();
    }

    private ConnectionUnit unit(long id, int parts) throws IOException {
        List<ConnectionPart> all = new ArrayList<>();
        for (int i = 0; i < parts; i++) {
            all.add(new ConnectionPart(
                    "part " + i, "", descriptor(), 0, Unpooled.EMPTY_BUFFER, Unpooled.EMPTY_BUFFER, List.of()));
        }
        return new ConnectionUnit(id, "proxy", 1, 0, all);
    }

    private Descriptor descriptor() throws IOException {
        FileDescriptor[] pipe = FileDescriptor.pipe();
        pipe[1].close();
        opened.add(pipe[0]);
        return Descriptor.adopt(pipe[0], "pipe");
    }
}
