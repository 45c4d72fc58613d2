package io.fdnetty.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.fd.Descriptor;
import io.fdnetty.fd.Descriptors;
import io.fdnetty.testing.SocketPairs;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Puts frames through a decoder in every way in which a kernel may deliver them: whole, byte by byte, all at once, and
 * cut at random; and checks that the same frames come out with the same descriptors and that nothing stays open.
 *
 * <p>What a kernel may do (FACTS of recvmsg on a unix stream socket): join and cut plain bytes as it likes, but end a
 * read right behind the message that carried descriptors. So the descriptors follow the read that ends with their
 * carrier byte, first in, first out.
 */
final class DecoderVerifier {
    /** How the bytes between two carrier bytes are cut into reads. */
    interface Cut {
        int next(int available);
    }

    private final FrameLimits limits;
    private final int perMessage;

    DecoderVerifier(FrameLimits limits, int perMessage) {
        this.limits = limits;
        this.perMessage = perMessage;
    }

    /** Every way of delivery must give these frames. */
    void verify(WireFrame... frames) throws IOException {
        deliver(available -> available, true, frames);
        deliver(available -> available, false, frames);
        deliver(available -> 1, true, frames);
        deliver(available -> 1, false, frames);
        for (int seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            deliver(available -> 1 + random.nextInt(available), random.nextBoolean(), frames);
        }
    }

    private void deliver(Cut cut, boolean complete, WireFrame... frames) throws IOException {
        FrameDecoder decoder = new FrameDecoder(limits);
        decoder.descriptorsPerMessage(perMessage);
        EmbeddedChannel channel = new EmbeddedChannel(decoder);
        List<FileDescriptor> pipes = new ArrayList<>();
        ByteBuf plain = Unpooled.buffer();
        for (WireFrame frame : frames) {
            for (WireFrame.Sent sent : frame.sent()) {
                plain.writeBytes(sent.bytes());
                if (sent.carrier()) {
                    read(channel, plain, cut, complete);
                    arrive(channel, sent.descriptors(), pipes);
                }
            }
        }
        read(channel, plain, cut, complete);
        channel.pipeline().fireChannelReadComplete();
        compare(channel, pipes, frames);
        assertThat(channel.finish()).as("nothing is left").isFalse();
    }

    private static void read(EmbeddedChannel channel, ByteBuf plain, Cut cut, boolean complete) {
        while (plain.isReadable()) {
            assertThat(decoderOf(channel).nextBytes()).as("the read plan").isGreaterThanOrEqualTo(0);
            channel.pipeline().fireChannelRead(Unpooled.copiedBuffer(plain.readSlice(cut.next(plain.readableBytes()))));
            if (complete && plain.isReadable()) {
                channel.pipeline().fireChannelReadComplete();
            }
        }
        plain.clear();
    }

    private static FrameDecoder decoderOf(EmbeddedChannel channel) {
        return channel.pipeline().get(FrameDecoder.class);
    }

    private static void arrive(EmbeddedChannel channel, int count, List<FileDescriptor> pipes) throws IOException {
        if (count == 0) {
            return;
        }
        List<Descriptor> descriptors = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            FileDescriptor[] pipe = FileDescriptor.pipe();
            pipe[1].close();
            pipes.add(pipe[0]);
            descriptors.add(Descriptor.adopt(pipe[0], "pipe " + pipes.size()));
        }
        channel.pipeline().fireChannelRead(Descriptors.of(descriptors));
    }

    private static void compare(EmbeddedChannel channel, List<FileDescriptor> pipes, WireFrame... frames) {
        int next = 0;
        for (WireFrame expected : frames) {
            Frame frame = channel.readInbound();
            assertThat(frame).as("a frame of type %s", expected.type()).isNotNull();
            assertThat(frame.type()).isEqualTo(expected.type());
            assertThat(frame.skippable()).isEqualTo(expected.skippable());
            assertThat(ByteBufUtil.getBytes(frame.payload())).isEqualTo(expected.payload());
            assertThat(frame.descriptors().size()).isEqualTo(expected.usable());
            assertThat(frame.missingDescriptors()).isEqualTo(expected.descriptors() - expected.usable());
            for (int i = 0; i < expected.usable(); i++) {
                assertThat(frame.descriptors().get(i).peek()).isSameAs(pipes.get(next + i));
            }
            next += expected.groups().stream().mapToInt(Integer::intValue).sum();
            frame.release();
        }
        assertThat(channel.<Object>readInbound()).isNull();
        assertThat(pipes).as("all closed").noneMatch(FileDescriptor::isOpen);
    }

    static {
        SocketPairs.address(); // loads the native library
    }
}
