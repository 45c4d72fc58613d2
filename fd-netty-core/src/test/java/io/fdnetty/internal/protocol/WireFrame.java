package io.fdnetty.internal.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * A frame as a test describes it: what is in it, and what the peer's system calls make of it.
 *
 * @param groups how many descriptors arrive with each carrier byte; fewer than sent if the kernel dropped some
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record WireFrame(int type, boolean skippable, byte[] payload, int descriptors, int perMessage, List<Integer> groups) {
    /** What one sendmsg of the peer carried: bytes, and descriptors with the last of them. */
    record Sent(byte[] bytes, int descriptors, boolean carrier) {}

    static WireFrame of(int type, int payload, int descriptors, int perMessage) {
        byte[] bytes = new byte[payload];
        new Random(payload).nextBytes(bytes);
        List<Integer> groups = new ArrayList<>();
        for (int left = descriptors; left > 0; left -= perMessage) {
            groups.add(Math.min(left, perMessage));
        }
        return new WireFrame(type, type % 2 == 0, bytes, descriptors, perMessage, groups);
    }

    /** The same frame, but only so many descriptors of this group get through. */
    WireFrame robbed(int group, int arrive) {
        List<Integer> fewer = new ArrayList<>(groups);
        fewer.set(group, arrive);
        return new WireFrame(type, skippable, payload, descriptors, perMessage, fewer);
    }

    /** How many descriptors can be told apart: those before the first gap. */
    int usable() {
        int usable = 0;
        for (int i = 0; i < groups.size(); i++) {
            usable += groups.get(i);
            if (groups.get(i) < Math.min(perMessage, descriptors - i * perMessage)) {
                break;
            }
        }
        return usable;
    }

    List<Sent> sent() {
        ByteBuf bytes = Unpooled.buffer();
        bytes.writeByte(type)
                .writeByte(skippable ? 1 : 0)
                .writeShort(descriptors)
                .writeInt(payload.length);
        bytes.writeBytes(payload);
        List<Sent> sent = new ArrayList<>();
        sent.add(new Sent(Arrays.copyOf(bytes.array(), bytes.readableBytes()), 0, false));
        groups.forEach(group -> sent.add(new Sent(new byte[1], group, true)));
        return sent;
    }
}
