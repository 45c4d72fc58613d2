package io.fdnetty.internal.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fdnetty.fd.Descriptor;
import io.fdnetty.fd.Descriptors;
import io.fdnetty.fd.SocketKind;
import io.fdnetty.internal.protocol.ConnectionPart;
import io.fdnetty.internal.protocol.ConnectionUnit;
import io.fdnetty.internal.protocol.Frame;
import io.fdnetty.internal.protocol.HandlerState;
import io.fdnetty.internal.protocol.ListenerInfo;
import io.fdnetty.internal.protocol.Message;
import io.fdnetty.internal.protocol.MessageDecoder;
import io.fdnetty.internal.protocol.MessageEncoder;
import io.fdnetty.internal.protocol.MessageLimits;
import io.fdnetty.internal.protocol.MessageType;
import io.fdnetty.internal.protocol.RefusalCode;
import io.fdnetty.internal.protocol.SectionInfo;
import io.fdnetty.testing.DescriptorLeaks;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.unix.FileDescriptor;
import io.netty.handler.codec.DecoderException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DescriptorLeaks.class)
class MessageCodecTest {
    private final EmbeddedChannel out = new EmbeddedChannel(new MessageEncoder());
    private final EmbeddedChannel in = new EmbeddedChannel(new MessageDecoder());
    private final List<FileDescriptor> opened = new ArrayList<>();

    @Test
    void everyMessageArrivesAsItWasSent() throws IOException {
        for (MessageType type : MessageType.values()) {
            Message message = example(type);
            String sent = describe(message);

            in.writeInbound(encode(message));

            Message received = in.readInbound();
            assertThat(describe(received)).isEqualTo(sent);
            received.discard();
            assertNothingOpen();
        }
    }

    @Test
    void aMessageThatIsCutAnywhereIsAnErrorAndLetsGoOfEverything() throws IOException {
        for (MessageType type : MessageType.values()) {
            Frame whole = encode(example(type));
            int length = whole.payload().readableBytes();
            whole.release();
            for (int cut = 0; cut < length && type != MessageType.STATE_CHUNK; cut++) {
                Frame frame = encode(example(type));
                ByteBuf shorter = frame.payload().retainedSlice(0, cut);
                malformed(Frame.of(type.number(), false, shorter, rest(frame)), type + " cut to " + cut);
            }
        }
    }

    @Test
    void aByteTooManyIsAnError() throws IOException {
        for (MessageType type : MessageType.values()) {
            if (type == MessageType.STATE_CHUNK) {
                continue;
            }
            Frame frame = encode(example(type));
            ByteBuf longer = Unpooled.copiedBuffer(frame.payload(), Unpooled.wrappedBuffer(new byte[1]));
            malformed(Frame.of(type.number(), false, longer, rest(frame)), "1 bytes too many");
        }
    }

    @Test
    void aDescriptorTooManyIsAnError() throws IOException {
        for (MessageType type : MessageType.values()) {
            Frame frame = encode(example(type));
            List<Descriptor> more = new ArrayList<>(frame.descriptors().takeAll());
            more.add(descriptor());
            Frame wrong = Frame.of(type.number(), false, frame.payload().retain(), Descriptors.of(more));
            frame.release();
            malformed(wrong, "descriptors too many");
        }
    }

    /** Whatever the bytes say: a message, or a DecoderException; nothing else, and nothing is left open. */
    @Test
    void nothingThatAPeerCanWriteDoesMoreThanFail() throws IOException {
        Random random = new Random(42);
        List<MessageType> types = List.of(MessageType.values());
        for (int i = 0; i < 3000; i++) {
            MessageType type = types.get(random.nextInt(types.size()));
            Frame frame = encode(example(type));
            ByteBuf bytes = Unpooled.copiedBuffer(frame.payload());
            for (int flips = random.nextInt(4); flips >= 0 && bytes.isReadable(); flips--) {
                bytes.setByte(random.nextInt(bytes.readableBytes()), random.nextInt(256));
            }
            deliver(Frame.of(type.number(), false, bytes, rest(frame)));
        }
    }

    private void deliver(Frame frame) {
        try {
            in.writeInbound(frame);
            Message message = in.readInbound();
            message.discard();
        } catch (DecoderException e) {
            assertThat(e).hasMessageNotContaining("IndexOutOfBounds");
        }
        assertNothingOpen();
    }

    @Test
    void whatIsUnknownIsSkippedIfItMayBeAndAnErrorIfNot() throws IOException {
        in.writeInbound(Frame.of(99, true, Unpooled.wrappedBuffer(new byte[3]), Descriptors.of(descriptor())));
        assertThat(in.<Object>readInbound()).isNull();
        assertNothingOpen();
        malformed(Frame.of(99, false, Unpooled.EMPTY_BUFFER, Descriptors.of(descriptor())), "unknown frame type 99");
    }

    @Test
    void aNameThatIsNotUtf8IsAnError() {
        ByteBuf payload = Unpooled.buffer().writeShort(2).writeByte(0xc3).writeByte(0x28);
        malformed(Frame.of(MessageType.FAILED.number(), false, payload), "not UTF-8");
    }

    @Test
    void aReasonThatIsTooLongIsCutBetweenCharacters() throws IOException {
        in.writeInbound(encode(new Message.Abort("ü".repeat(3000))));
        assertThat(in.<Message>readInbound()).isEqualTo(new Message.Abort("ü".repeat(MessageLimits.TEXT / 2)));
    }

    @Test
    void aNameThatIsTooLongFailsTheWriteAndLetsGoOfTheMessage() throws IOException {
        ListenerInfo listener =
                new ListenerInfo("x".repeat(256), SocketKind.UDP, "here", descriptor(), ListenerInfo.AUTHOR);
        ChannelFuture written = out.write(new Message.Listeners(List.of(listener)));
        assertThat(written.cause()).hasStackTraceContaining("longer than 255 bytes");
        assertNothingOpen();
    }

    @Test
    void moreIdsThanAFrameMayHoldFailTheWrite() {
        List<Long> ids = new ArrayList<>();
        for (long id = 0; id <= MessageLimits.IDS; id++) {
            ids.add(id);
        }
        assertThat(out.write(new Message.Adopted(ids)).cause()).hasStackTraceContaining("ids: 65536 (at most 65535)");
    }

    @Test
    void aCountBeyondItsBytesIsRefusedBeforeAnythingIsAllocated() {
        ByteBuf ids = Unpooled.buffer().writeInt(60_000).writeLong(1);
        malformed(Frame.of(MessageType.ADOPTED.number(), false, ids), "ids: 60000 (at most 1)");
        ByteBuf state = Unpooled.buffer().writeShort(0x7fff);
        malformed(Frame.of(MessageType.CONNECTIONS.number(), false, state), "units: 32767 (at most 4096)");
    }

    @Test
    void borrowedDescriptorsStayTheirLenders() throws IOException {
        Descriptor lent = descriptor();
        ConnectionPart part = part(Descriptor.borrow(lent.peek(), "lent"));
        encode(new Message.Connections(List.of(new ConnectionUnit(1, "k", 1, 2, List.of(part)))))
                .release();
        assertThat(lent.isOpen()).isTrue();
        lent.close();
    }

    @Test
    void aPartWithoutItsDescriptorCannotBeAskedForIt() {
        ConnectionPart part = ConnectionPart.withoutDescriptor(
                "accepted", "tcp", 0, Unpooled.EMPTY_BUFFER, Unpooled.EMPTY_BUFFER, List.of());
        assertThat(part.hasDescriptor()).isFalse();
        assertThatThrownBy(part::descriptor).hasMessageContaining("did not arrive");
    }

    private Frame encode(Message message) {
        assertThat(out.writeOutbound(message)).isTrue();
        return out.readOutbound();
    }

    private static Descriptors rest(Frame frame) {
        Descriptors descriptors = Descriptors.of(frame.descriptors().takeAll());
        frame.release();
        return descriptors;
    }

    private void malformed(Frame frame, String reason) {
        assertThatThrownBy(() -> in.writeInbound(frame))
                .as(reason)
                .isInstanceOf(DecoderException.class)
                .hasMessageContaining(reason.contains(" cut to ") ? "" : reason);
        assertThat(in.<Object>readInbound()).as(reason).isNull();
        assertThat(frame.refCnt()).as(reason).isZero();
        assertNothingOpen();
    }

    private void assertNothingOpen() {
        assertThat(opened).noneMatch(FileDescriptor::isOpen);
        opened.clear();
    }

    private Descriptor descriptor() throws IOException {
        FileDescriptor[] pipe = FileDescriptor.pipe();
        pipe[1].close();
        opened.add(pipe[0]);
        return Descriptor.adopt(pipe[0], "pipe");
    }

    private Message example(MessageType type) throws IOException {
        return switch (type) {
            case HELLO -> new Message.Hello(1, 3, "chät", "2.0", 4711, 253, 1 << 25);
            case WELCOME -> new Message.Welcome(1, 42, 7, 253, descriptor());
            case REFUSED -> new Message.Refused(RefusalCode.NOT_READY, "not yet");
            case LISTENERS ->
                new Message.Listeners(List.of(
                        new ListenerInfo(
                                "http", SocketKind.TCP_LISTENER, "0.0.0.0:80", descriptor(), ListenerInfo.AUTHOR),
                        new ListenerInfo("c", SocketKind.UNIX_LISTENER, "/run/c", descriptor(), ListenerInfo.CONTROL)));
            case STATE_BEGIN -> new Message.StateBegin("rooms", 3, true, false);
            case STATE_CHUNK -> new Message.StateChunk(Unpooled.wrappedBuffer(new byte[] {1, 2, 3}));
            case STATE_END -> new Message.StateEnd(1L << 40, 0xdeadbeef);
            case OFFER ->
                new Message.Offer(10_000, true, List.of(new SectionInfo("a", 1, true), new SectionInfo("b", 2, false)));
            case READY -> new Message.Ready();
            case FAILED -> new Message.Failed("no");
            case CUTOVER -> new Message.Cutover();
            case CONNECTIONS ->
                new Message.Connections(List.of(
                        new ConnectionUnit(1, "echo", 1, 1_700_000_000_000_000L, List.of(part(descriptor()))),
                        new ConnectionUnit(-2, "proxy", 0, 0, List.of(part(descriptor()), part(descriptor())))));
            case ADOPTED -> new Message.Adopted(List.of(1L, -2L, Long.MAX_VALUE));
            case REJECTED -> new Message.Rejected(5, "unknown version");
            case FINISHED -> new Message.Finished(1, 2, 3);
            case COMPLETE -> new Message.Complete();
            case ABORT -> new Message.Abort("because");
        };
    }

    private static ConnectionPart part(Descriptor descriptor) {
        return new ConnectionPart(
                "accepted",
                "http",
                descriptor,
                ConnectionPart.INPUT_SHUTDOWN | ConnectionPart.CLOSE_AFTER_WRITE,
                Unpooled.copiedBuffer(new byte[] {1, 2}),
                Unpooled.EMPTY_BUFFER,
                List.of(new HandlerState("ws", 2, Unpooled.copiedBuffer(new byte[] {9}))));
    }

    /** Everything in the message but the handles themselves. */
    private static String describe(Message message) {
        if (message instanceof Message.StateChunk chunk) {
            return ByteBufUtil.hexDump(chunk.bytes());
        } else if (message instanceof Message.Listeners listeners) {
            StringBuilder all = new StringBuilder();
            listeners
                    .all()
                    .forEach(listener -> all.append(listener.name()
                            + listener.kind()
                            + listener.address()
                            + listener.role()
                            + listener.descriptor().peek().intValue()
                            + ';'));
            return all.toString();
        } else if (message instanceof Message.Connections connections) {
            StringBuilder all = new StringBuilder();
            connections.units().forEach(unit -> describe(unit, all));
            return all.toString();
        }
        return message.toString();
    }

    private static void describe(ConnectionUnit unit, StringBuilder all) {
        all.append(unit.id() + unit.kind() + unit.version() + '@' + unit.capturedAtMicros());
        for (ConnectionPart part : unit.parts()) {
            all.append(part.role()
                    + part.listener()
                    + part.flags()
                    + '#'
                    + part.descriptor().peek().intValue()
                    + ' '
                    + ByteBufUtil.hexDump(part.unread())
                    + '/'
                    + ByteBufUtil.hexDump(part.unwritten()));
            part.state()
                    .forEach(saved -> all.append(saved.name() + saved.version() + ByteBufUtil.hexDump(saved.bytes())));
        }
    }
}
