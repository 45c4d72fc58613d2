package io.fdnetty.internal.gate;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.ChannelOutputShutdownEvent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;

/** What the transport had to say to a pipeline while a gate was shut, in order. Event loop only. */
public final class HeldInbound {
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

    /** Whether all that is held can travel: bytes, and what the socket says again on the other side. */
    public boolean holdsOnlyBytes() {
        return events.stream().allMatch(HeldInbound::travels);
    }

    private static boolean travels(Object held) {
        return held instanceof ByteBuf
                || held == READ_COMPLETE
                || (held instanceof UserEvent user && isOfSocket(user.event));
    }

    /** Whether the transport fires this event. */
    static boolean isOfSocket(Object event) {
        return event instanceof ChannelInputShutdownEvent
                || event instanceof ChannelInputShutdownReadComplete
                || event instanceof ChannelOutputShutdownEvent;
    }

    public boolean hasBytes() {
        return events.stream().anyMatch(ByteBuf.class::isInstance);
    }

    /** Adds the bytes that were read, which stay here as well. */
    public void copyBytes(ByteQueue bytes) {
        events.forEach(held -> {
            if (held instanceof ByteBuf read) {
                bytes.add(read.retainedDuplicate());
            }
        });
    }

    /** How many of those that are held are neither bytes nor said again on the other side. */
    public int foreign() {
        return (int) events.stream().filter(held -> !travels(held)).count();
    }

    /** Fires all of it to the handlers behind the gate. */
    public void release(ChannelHandlerContext gate) {
        for (Object held = events.poll(); held != null; held = events.poll()) {
            fire(gate, held);
        }
    }

    public void discard() {
        events.forEach(HeldInbound::release);
        events.clear();
    }

    private static void release(Object held) {
        ReferenceCountUtil.release(held instanceof UserEvent user ? user.event : held);
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
