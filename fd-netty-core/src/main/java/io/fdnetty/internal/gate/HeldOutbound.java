package io.fdnetty.internal.gate;

import io.fdnetty.move.ConnectionMovedException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes, flushes and closes that wait at a gate, in order. Event loop only. */
public final class HeldOutbound {
    private static final Object FLUSH = new Object();

    private record Write(Object message, ChannelPromise promise) {
        void fail(Throwable cause) {
            ReferenceCountUtil.release(message);
            promise.tryFailure(cause);
        }
    }

    private final ArrayDeque<Object> operations = new ArrayDeque<>(4);
    private @Nullable List<ChannelPromise> closes;

    /** Takes ownership of the message. As in a closed channel, what is written after a close fails. */
    void write(Object message, ChannelPromise promise) {
        Write write = new Write(message, promise);
        if (closes != null) {
            write.fail(new ConnectionMovedException("written after close()"));
        } else {
            operations.add(write);
        }
    }

    void flush() {
        if (operations.peekLast() != FLUSH) {
            operations.add(FLUSH);
        }
    }

    void close(ChannelPromise promise) {
        if (closes == null) {
            closes = new ArrayList<>(1);
        }
        closes.add(promise);
    }

    public boolean isCloseRequested() {
        return closes != null;
    }

    public boolean isEmpty() {
        return operations.isEmpty();
    }

    /** Whether all that is written is bytes, which can travel. */
    public boolean holdsOnlyBytes() {
        return operations.stream()
                .allMatch(held -> held == FLUSH || (held instanceof Write write && write.message instanceof ByteBuf));
    }

    /**
     * Moves the bytes of all writes that are held now to {@code bytes} and completes their promises, whose listeners
     * may write more. They must be bytes.
     */
    public void takeBytes(ByteQueue bytes) {
        for (int i = operations.size(); i > 0; i--) {
            if (operations.poll() instanceof Write write) {
                if (write.promise.setUncancellable()) {
                    bytes.add((ByteBuf) write.message);
                    write.promise.trySuccess();
                } else {
                    ReferenceCountUtil.release(write.message);
                }
            }
        }
    }

    /**
     * Lets all of it go towards the socket, also what is held while this runs; a close waits for the writes before it.
     */
    public void release(ChannelHandlerContext gate) {
        for (Object held = operations.poll(); held != null; held = operations.poll()) {
            if (held instanceof Write write) {
                gate.write(write.message, write.promise);
            } else {
                gate.flush();
            }
        }
        if (closes != null) {
            gate.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> closeNow(gate));
        }
    }

    /** Answers the closes with the end of the channel. */
    public void closeWithChannel(Channel channel) {
        if (closes != null) {
            List<ChannelPromise> waiting = closes;
            closes = null;
            channel.closeFuture().addListener(closed -> waiting.forEach(ChannelPromise::trySuccess));
        }
    }

    /** How many bytes wait to be written. */
    public long bytes() {
        long bytes = 0;
        for (Object held : operations) {
            bytes +=
                    held instanceof Write write && write.message instanceof ByteBuf buffer ? buffer.readableBytes() : 0;
        }
        return bytes;
    }

    /** How many writes wait. */
    public int writes() {
        return (int) operations.stream().filter(Write.class::isInstance).count();
    }

    /** Fails every write. */
    public void fail(Throwable cause) {
        for (Object held = operations.poll(); held != null; held = operations.poll()) {
            if (held instanceof Write write) {
                write.fail(cause);
            }
        }
    }

    private void closeNow(ChannelHandlerContext gate) {
        closeWithChannel(gate.channel());
        if (gate.pipeline().first() instanceof Gate other && other.context() != gate) {
            other.close(other.context(), gate.newPromise()); // it is on the move again
        } else {
            gate.close();
        }
    }
}
