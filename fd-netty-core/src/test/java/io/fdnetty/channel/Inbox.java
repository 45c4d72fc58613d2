package io.fdnetty.channel;

import io.fdnetty.fd.Descriptor;
import io.fdnetty.fd.Descriptors;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Keeps everything that a channel receives, and lets a test wait for it. Close it to close the descriptors. */
final class Inbox extends ChannelInboundHandlerAdapter implements AutoCloseable {
    private static final long PATIENCE_MILLIS = 20_000;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final List<Descriptor> descriptors = new ArrayList<>();
    private final List<Object> events = new ArrayList<>();
    private final List<Throwable> failures = new ArrayList<>();
    private boolean inactive;

    @Override
    public synchronized void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        try {
            if (message instanceof ByteBuf buffer) {
                buffer.readBytes(bytes, buffer.readableBytes());
            } else {
                descriptors.addAll(((Descriptors) message).takeAll());
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
        notifyAll();
    }

    @Override
    public synchronized void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        events.add(event);
        notifyAll();
    }

    @Override
    public synchronized void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        failures.add(cause);
        notifyAll();
    }

    @Override
    public synchronized void channelInactive(ChannelHandlerContext ctx) {
        inactive = true;
        notifyAll();
    }

    synchronized int received() {
        return bytes.size();
    }

    synchronized byte[] awaitBytes(int count) {
        await("bytes", () -> bytes.size() >= count);
        return bytes.toByteArray();
    }

    synchronized List<Descriptor> awaitDescriptors(int count) {
        await("descriptors", () -> descriptors.size() >= count);
        return List.copyOf(descriptors);
    }

    synchronized void awaitEvent(Object event) {
        await(String.valueOf(event), () -> events.contains(event));
    }

    synchronized List<Object> events() {
        return List.copyOf(events);
    }

    synchronized Throwable awaitFailure() {
        await("an exception", () -> !failures.isEmpty());
        return failures.get(0);
    }

    synchronized List<Throwable> failures() {
        return List.copyOf(failures);
    }

    synchronized void awaitInactive() {
        await("the end", () -> inactive);
    }

    private synchronized void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE_MILLIS * 1_000_000;
        try {
            while (!condition.getAsBoolean()) {
                long millis = (deadline - System.nanoTime()) / 1_000_000;
                if (millis <= 0) {
                    throw new AssertionError("waited in vain for " + what + ": " + bytes.size() + " bytes, "
                            + descriptors.size() + " descriptors, events " + events + ", failures " + failures);
                }
                wait(millis);
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public synchronized void close() {
        descriptors.forEach(Descriptor::close);
    }
}
