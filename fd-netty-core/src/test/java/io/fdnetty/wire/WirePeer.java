package io.fdnetty.wire;

import io.fdnetty.channel.AncillarySocketChannel;
import io.fdnetty.channel.ReadPlan;
import io.fdnetty.fd.Descriptor;
import io.fdnetty.fd.Descriptors;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One end of a control connection that knows frames as bytes and nothing of the library's codec. Reads on the channel's
 * event loop; {@link #next} and {@link #send} are for any other thread.
 */
final class WirePeer extends ChannelInboundHandlerAdapter implements ReadPlan {
    private static final int PATIENCE_SECONDS = 60;

    /** A frame with its descriptors, or the end. */
    record Arrived(@Nullable CapturedFrame frame, List<Descriptor> descriptors) {}

    private final boolean fromIncumbent;
    private final BlockingQueue<Arrived> frames = new LinkedBlockingQueue<>();
    private final List<Descriptor> descriptors = new ArrayList<>();
    private ByteBuffer header = ByteBuffer.allocate(CapturedFrame.HEADER);
    private byte[] payload = new byte[0];
    private int payloadRead;
    private int carriers;
    private int perMessage = 1;
    private volatile @Nullable AncillarySocketChannel channel;

    /** @param fromIncumbent whether the other end is the incumbent */
    WirePeer(boolean fromIncumbent) {
        this.fromIncumbent = fromIncumbent;
    }

    /** From the next frame on; both directions. */
    void agree(int most) {
        perMessage = most;
    }

    @Override
    public int nextBytes() {
        if (header.hasRemaining()) {
            return header.remaining();
        }
        return payloadRead < payload.length ? payload.length - payloadRead : DESCRIPTOR;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        channel = (AncillarySocketChannel) ctx.channel();
        channel().readPlan(this);
    }

    AncillarySocketChannel channel() {
        return java.util.Objects.requireNonNull(channel, "not connected");
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        try {
            if (message instanceof Descriptors more) {
                descriptors.addAll(more.takeAll());
            } else {
                read((ByteBuf) message);
            }
            finishFrame();
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void read(ByteBuf bytes) throws Exception {
        while (bytes.isReadable()) {
            if (header.hasRemaining()) {
                header.put(bytes.readByte());
                begin();
            } else if (payloadRead < payload.length) {
                int now = Math.min(bytes.readableBytes(), payload.length - payloadRead);
                bytes.readBytes(payload, payloadRead, now);
                payloadRead += now;
            } else {
                bytes.skipBytes(1);
                carriers++;
            }
            finishFrame();
        }
    }

    private void begin() {
        if (!header.hasRemaining()) {
            payload = new byte[header.getInt(4)];
            payloadRead = 0;
            carriers = 0;
        }
    }

    private void finishFrame() throws Exception {
        int count = header.hasRemaining() ? -1 : header.getShort(2) & 0xffff;
        if (count < 0 || payloadRead < payload.length || carriers < Capture.carriers(count, perMessage)) {
            return;
        }
        if (descriptors.size() < count) {
            return; // they come right behind their carrier byte
        }
        List<String> kinds = new ArrayList<>();
        for (Descriptor each : descriptors) {
            kinds.add(kind(each));
        }
        CapturedFrame frame = new CapturedFrame(
                fromIncumbent, header.get(0) & 0xff, header.get(1) & 0xff, payload, List.copyOf(kinds));
        frames.add(new Arrived(frame, List.copyOf(descriptors)));
        descriptors.clear();
        header = ByteBuffer.allocate(CapturedFrame.HEADER);
        if (frame.type() == 2) {
            perMessage = Capture.agreed(frame);
        }
    }

    private static String kind(Descriptor descriptor) throws Exception {
        Path link = Path.of("/proc/self/fd", String.valueOf(descriptor.peek().intValue()));
        return Files.readSymbolicLink(link).toString().startsWith("pipe:")
                ? "PIPE"
                : descriptor.kind().name();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        descriptors.forEach(Descriptor::close);
        frames.add(new Arrived(null, List.of()));
    }

    /** The next frame, or the end. */
    Arrived next() throws InterruptedException {
        Arrived next = frames.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError(
                    "waited in vain for a frame of the " + (fromIncumbent ? "incumbent" : "successor"));
        }
        return next;
    }

    /** Sends a frame with its descriptors, which this takes over. */
    void send(CapturedFrame frame, List<Descriptor> passed) {
        channel().eventLoop().execute(() -> {
            channel().write(Unpooled.wrappedBuffer(frame.bytes()));
            for (int from = 0; from < passed.size(); from += perMessage) {
                channel().write(Descriptors.of(passed.subList(from, Math.min(from + perMessage, passed.size()))));
            }
            channel().flush();
            if (frame.type() == 2) {
                perMessage = Capture.agreed(frame);
            }
        });
    }

    /** Ends the connection when everything is written. */
    void end() {
        channel()
                .writeAndFlush(Unpooled.EMPTY_BUFFER)
                .addListener(written -> channel().close());
    }
}
