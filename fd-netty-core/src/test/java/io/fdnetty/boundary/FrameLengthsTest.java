package io.fdnetty.boundary;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameLengthsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "+OK\r\n",
                "-ERR no\r\n",
                ":12\r\n",
                "$5\r\nhello\r\n",
                "$0\r\n\r\n",
                "$-1\r\n",
                "*-1\r\n",
                "*0\r\n",
                "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n",
                "*3\r\n:1\r\n*2\r\n+a\r\n$2\r\n\r\n\r\n_\r\n",
                "%1\r\n+k\r\n$1\r\nv\r\n",
                "~2\r\n#t\r\n,1.5\r\n",
                ">2\r\n+message\r\n$2\r\n*1\r\n",
                "|1\r\n+ttl\r\n:3600\r\n$1\r\nv\r\n",
                "PING\r\n",
                "=8\r\ntxt:some\r\n"
            })
    void aRespValueIsMeasuredOnceItsLengthsAreKnown(String value) {
        measures(FrameLengths::resp, Unpooled.copiedBuffer(value, ISO_8859_1));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 127, 128, 16_383, 16_384, 2_097_152})
    void anMqttPacketIsMeasuredOnceItsLengthIsKnown(int remaining) {
        ByteBuf packet = Unpooled.buffer().writeByte(0x30);
        int left = remaining;
        do {
            packet.writeByte(left % 128 | (left >= 128 ? 0x80 : 0));
            left /= 128;
        } while (left > 0);
        int header = packet.readableBytes();
        assertThat(FrameLengths.mqtt(packet)).isEqualTo(header + remaining);
        for (int i = 0; i < header; i++) {
            assertThat(FrameLengths.mqtt(packet.slice(0, i))).isZero();
        }
    }

    private static void measures(ToIntFunction<ByteBuf> length, ByteBuf frame) {
        int whole = frame.readableBytes();
        for (int i = 0; i <= whole; i++) {
            assertThat(length.applyAsInt(frame.slice(0, i)))
                    .as("of the first %d of %d bytes", i, whole)
                    .isIn(i == whole ? new Object[] {whole} : new Object[] {0, whole});
        }
        ByteBuf behind = Unpooled.wrappedBuffer(Unpooled.copiedBuffer("x", ISO_8859_1), frame, frame.duplicate());
        assertThat(length.applyAsInt(behind.skipBytes(1))).isEqualTo(whole);
    }

    @Test
    void whatIsNoFrameIsSaid() {
        assertThatThrownBy(() -> FrameLengths.mqtt(Unpooled.wrappedBuffer(new byte[] {0x30, -1, -1, -1, -1, 1})))
                .hasMessageContaining("MQTT");
        assertThatThrownBy(() -> FrameLengths.resp(Unpooled.copiedBuffer("$x\r\n", ISO_8859_1)))
                .hasMessageContaining("RESP");
    }
}
