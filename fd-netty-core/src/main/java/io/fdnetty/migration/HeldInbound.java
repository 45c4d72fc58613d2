package io.fdnetty.migration;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;

/** What the transport had to say to a pipeline while a gate was shut, in order. Event loop only. */
final class HeldInbound {
    private record UserEvent(Object event) {}

    private record Caught(Throwable cause) {}

    private static final Object READ_COMPLETE = new Object();
    private static final Object INACTIVE = new Object();

    private final ArrayDeque<Object> events = new ArrayDeque<>(2);

    void read(Object message) {
        events.add(message);
    }

    void readComplete() {
        if (!events.isEmpty() && events.peekLast() != READ_COMPLETE) {
            events.add(READ_COMPLETE);
        }
    }

    void userEvent(Object event) {
        events.add(new UserEvent(event));
    }

    void caught(Throwable cause) {
        events.add(new Caught(cause));
    }

    void inactive() {
        events.add(INACTIVE);
    }

    /** Moves the bytes that were read to {@code bytes} and forgets the rest. */
    void takeBytes(ByteQueue bytes) {
        for (Object held = events.poll(); held != null; held = events.poll()) {
            if (held instanceof ByteBuf read) {
                bytes.add(read);
            } else {
                ReferenceCountUtil.release(held);
            }
        }
    }

    /** Fires all of it to the handlers behind the gate. */
    void release(ChannelHandlerContext gate) {
        for (Object held = events.poll(); held != null; held = events.poll()) {
            fire(gate, held);
        }
    }

    void discard() {
        events.forEach(ReferenceCountUtil::release);
        events.clear();
    }

    private static void fire(ChannelHandlerContext gate, Object held) {
        if (held == READ_COMPLETE) {
            gate.fireChannelReadComplete();
        } else if (held == INACTIVE) {
            gate.fireChannelInactive();
        } else if (held instanceof UserEvent user) {
            gate.fireUserEventTriggered(user.event);
        } else if (held instanceof Caught caught) {
            gate.fireExceptionCaught(caught.cause);
        } else {
            gate.fireChannelRead(held);
        }
    }
}
