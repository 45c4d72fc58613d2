package io.fdnetty.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

class NumberedFrameTest {
    private final ByteBuf frame = Unpooled.buffer();

    @Test
    void aFrameIsIntactAndKnowsItsNumber() {
        for (long sequence = 0; sequence < 2_000; sequence++) {
            frame.clear();
            NumberedFrame.write(3, sequence, frame);

            assertThat(frame.readableBytes()).isEqualTo(NumberedFrame.size(3, sequence));
            assertThat(frame.readableBytes()).isLessThanOrEqualTo(NumberedFrame.MAX_BYTES);
            assertThat(frame.getInt(0)).isEqualTo(frame.readableBytes() - NumberedFrame.LENGTH_BYTES);
            assertThat(NumberedFrame.isIntact(3, frame)).isTrue();
            assertThat(NumberedFrame.sequence(frame)).isEqualTo(sequence);
        }
    }

    @Test
    void oneChangedBitAnywhereBehindTheLengthIsSeen() {
        NumberedFrame.write(3, 5, frame);
        for (int index = NumberedFrame.LENGTH_BYTES; index < frame.readableBytes(); index++) {
            frame.setByte(index, frame.getByte(index) ^ 1);
            assertThat(NumberedFrame.isIntact(3, frame)).as("byte %d", index).isFalse();
            frame.setByte(index, frame.getByte(index) ^ 1);
        }
    }

    @Test
    void theFrameOfAnotherConnectionIsNotOurs() {
        NumberedFrame.write(3, 5, frame);

        assertThat(NumberedFrame.isIntact(4, frame)).isFalse();
    }
}
