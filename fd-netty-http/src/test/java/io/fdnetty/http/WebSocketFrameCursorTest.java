package io.fdnetty.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random frames in random pieces, and what are no frames. */
class WebSocketFrameCursorTest {
    private final WebSocketFrameCursor cursor = new WebSocketFrameCursor();

    @Test
    void itStopsBehindEveryFrameHoweverTheBytesAreCut() {
        for (int seed = 0; seed < 200; seed++) {
            everyFrame(new Random(seed));
        }
    }

    private static void everyFrame(Random random) {
        ByteBuf all = Unpooled.buffer();
        List<Integer> ends = new ArrayList<>();
        boolean inMessage = false;
        for (int i = 0; i < 20; i++) {
            boolean control = random.nextInt(4) == 0;
            boolean last = control || random.nextBoolean();
            int opcode = control ? 9 : inMessage ? 0 : 1 + random.nextInt(2);
            int[] lengths = {0, 1, 125, 126, 127, 300, 65535, 65536};
            int length = control ? random.nextInt(126) : lengths[random.nextInt(lengths.length)];
            all.writeBytes(Frames.of(last, opcode, new byte[length], random.nextBoolean()));
            ends.add(all.writerIndex());
            inMessage = control ? inMessage : !last;
        }
        assertThat(stops(random, all)).isEqualTo(ends);
    }

    private static List<Integer> stops(Random random, ByteBuf all) {
        WebSocketFrameCursor cursor = new WebSocketFrameCursor();
        List<Integer> stops = new ArrayList<>();
        int from = 0;
        while (from < all.writerIndex()) {
            int to = Math.min(all.writerIndex(), from + 1 + random.nextInt(random.nextBoolean() ? 3 : 100_000));
            while (from < to) {
                from = cursor.advance(all, from, to);
                if (cursor.isBetweenFrames()) {
                    stops.add(from);
                }
            }
        }
        assertThat(cursor.isBroken()).isFalse();
        return stops;
    }

    @Test
    void aMessageEndsWithItsLastFragmentAndNotWithAPing() {
        follow(Frames.of(false, 1, new byte[3], true));
        assertThat(cursor.isInMessage()).isTrue();
        follow(Frames.of(true, 9, new byte[3], true));
        assertThat(cursor.isBetweenMessages()).isFalse();
        follow(Frames.of(true, 0, new byte[3], true));
        assertThat(cursor.isBetweenMessages()).isTrue();
    }

    @Test
    void aCloseFrameIsNoticed() {
        follow(Frames.of(true, 8, new byte[2], true));
        assertThat(cursor.isClosed()).isTrue();
    }

    @Test
    void theLengthOfALongFrameIsKnownFromItsHeader() {
        follow(new byte[] {(byte) 0x82, (byte) 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 9, 9, 9});
        assertThat(cursor.isLongerThan(1)).isFalse();
        follow(new byte[] {9});
        assertThat(cursor.isLongerThan(Integer.MAX_VALUE)).isTrue();
    }

    @Test
    void whatAreNoFramesIsBroken() {
        assertThat(isBroken(0x83, 0x80)).as("reserved opcode").isTrue();
        assertThat(isBroken(0x8b, 0x80)).as("reserved control opcode").isTrue();
        assertThat(isBroken(0x09, 0x80)).as("fragmented ping").isTrue();
        assertThat(isBroken(0x89, 0xfe)).as("long ping").isTrue();
        assertThat(isBroken(0x80, 0x80)).as("continuation of nothing").isTrue();
        assertThat(isBroken(0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4))
                .as("negative length")
                .isTrue();
        assertThat(isBroken(0x01, 0x00, 0x81, 0x00)).as("text within text").isTrue();
        assertThat(isBroken(0x81, 0x00, 0x89, 0x00)).as("text and ping").isFalse();
    }

    private static boolean isBroken(int... bytes) {
        WebSocketFrameCursor cursor = new WebSocketFrameCursor();
        ByteBuf all = Unpooled.buffer();
        for (int value : bytes) {
            all.writeByte(value);
        }
        cursor.follow(all, 0, all.writerIndex());
        return cursor.isBroken();
    }

    private void follow(byte[] bytes) {
        cursor.follow(Unpooled.wrappedBuffer(bytes), 0, bytes.length);
    }
}
