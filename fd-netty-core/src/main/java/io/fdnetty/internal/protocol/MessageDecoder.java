package io.fdnetty.internal.protocol;

import io.fdnetty.fd.Descriptor;
import io.fdnetty.fd.SocketKind;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.MessageToMessageDecoder;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * {@link Frame}s in, {@link Message}s out.
 *
 * <p>Every field is checked against its bound before anything is allocated for it. A malformed frame ends in an
 * exception through the pipeline and closes what it carried; an unknown one is skipped if it says that it may be. On
 * the control loop.
 */
public final class MessageDecoder extends MessageToMessageDecoder<Frame> {
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(MessageDecoder.class);

    public MessageDecoder() {
        super(Frame.class);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, Frame frame, List<Object> out) {
        MessageType type = MessageType.of(frame.type());
        if (type == null) {
            unknown(frame);
            return;
        }
        boolean plain = frame.descriptors().size() == 0;
        try {
            decode(ctx, type, frame, out);
        } catch (OutOfMemoryError e) {
            if (!plain) {
                throw e;
            }
            logger.warn("{} {} is read once more", ctx.channel(), type, e);
            decode(ctx, type, frame, out); // an answer that is lost leaves a connection in doubt
        }
    }

    private static void decode(ChannelHandlerContext ctx, MessageType type, Frame frame, List<Object> out) {
        Deque<Descriptor> descriptors = new ArrayDeque<>(frame.descriptors().takeAll());
        Message message = null;
        try {
            Payload payload = new Payload(frame.payload().duplicate(), descriptors, frame.missingDescriptors());
            message = payload.read(type);
            payload.checkEnd(type);
            FaultPoints.decode(message, ctx.channel());
            out.add(message);
            message = null;
        } catch (IllegalArgumentException e) {
            throw new CorruptedFrameException(type + ": " + e.getMessage(), e);
        } finally {
            descriptors.forEach(Descriptor::close);
            if (message != null) {
                message.discard();
            }
        }
    }

    private static void unknown(Frame frame) {
        if (!frame.skippable()) {
            throw new CorruptedFrameException("unknown frame type " + frame.type());
        }
        logger.debug("Skipped {}", frame);
    }

    /** One payload, read from front to back, with the descriptors that came along. */
    private static final class Payload {
        private final ByteBuf in;
        private final Deque<Descriptor> descriptors;
        private int missing;

        Payload(ByteBuf in, Deque<Descriptor> descriptors, int missing) {
            this.in = in;
            this.descriptors = descriptors;
            this.missing = missing;
        }

        void checkEnd(MessageType type) {
            if (in.isReadable()) {
                throw new CorruptedFrameException(type + ": " + in.readableBytes() + " bytes too many");
            }
            int tooMany = descriptors.size() + missing;
            if (tooMany > 0) {
                throw new CorruptedFrameException(type + ": " + tooMany + " descriptors too many");
            }
        }

        Message read(MessageType type) {
            return switch (type) {
                case HELLO -> hello();
                case WELCOME -> welcome();
                case REFUSED -> new Message.Refused(code(), reason());
                case LISTENERS -> listeners();
                case STATE_BEGIN -> stateBegin();
                case STATE_CHUNK -> chunk();
                case STATE_END ->
                    new Message.StateEnd(PayloadFields.number(in, "length"), PayloadFields.number32(in, "checksum"));
                case OFFER -> offer();
                case READY -> new Message.Ready();
                case FAILED -> new Message.Failed(reason());
                case CUTOVER -> new Message.Cutover();
                case CONNECTIONS -> connections();
                case ADOPTED -> new Message.Adopted(ids());
                case REJECTED -> new Message.Rejected(PayloadFields.number(in, "id"), reason());
                case FINISHED ->
                    new Message.Finished(
                            PayloadFields.number(in, "moved"),
                            PayloadFields.number(in, "kept"),
                            PayloadFields.number(in, "closed"));
                case COMPLETE -> new Message.Complete();
                case ABORT -> new Message.Abort(reason());
            };
        }

        private String name(String field) {
            return PayloadFields.text(in, field, MessageLimits.NAME);
        }

        private String reason() {
            return PayloadFields.text(in, "reason", MessageLimits.TEXT);
        }

        private Message hello() {
            return new Message.Hello(
                    PayloadFields.count(in, "minVersion", 2, 0xffff),
                    PayloadFields.count(in, "maxVersion", 2, 0xffff),
                    name("application"),
                    PayloadFields.text(in, "applicationVersion", MessageLimits.TEXT),
                    PayloadFields.number(in, "pid"),
                    atLeastOne("descriptorsPerMessage", PayloadFields.count(in, "descriptorsPerMessage", 2, 253)),
                    PayloadFields.count(in, "maxPayload", 4, 1 << 30));
        }

        private static int atLeastOne(String field, int value) {
            if (value == 0) {
                throw new CorruptedFrameException(field + ": 0 (at least 1)");
            }
            return value;
        }

        private Message welcome() {
            int version = PayloadFields.count(in, "version", 2, 0xffff);
            long pid = PayloadFields.number(in, "pid");
            long generation = PayloadFields.number(in, "generation");
            int perMessage =
                    atLeastOne("descriptorsPerMessage", PayloadFields.count(in, "descriptorsPerMessage", 2, 253));
            return new Message.Welcome(version, pid, generation, perMessage, descriptor("life-line"));
        }

        /** The next one, now the caller's. */
        private Descriptor descriptor(String what) {
            Descriptor next = descriptors.poll();
            if (next == null) {
                throw new CorruptedFrameException("the descriptor of " + what + " did not arrive"
                        + (missing > 0 ? ": the limit of open files (ulimit -n) is too low" : ""));
            }
            return next.named(what);
        }

        private RefusalCode code() {
            return PayloadFields.CODES.get(
                    atLeastOne("code", PayloadFields.count(in, "code", 1, PayloadFields.CODES.size())) - 1);
        }

        private Message listeners() {
            int count = PayloadFields.count(in, "listeners", 2, MessageLimits.LISTENERS);
            List<ListenerInfo> all = new ArrayList<>();
            boolean whole = false;
            try {
                for (int i = 0; i < count; i++) {
                    all.add(listener());
                }
                whole = true;
                return new Message.Listeners(all);
            } finally {
                if (!whole) {
                    all.forEach(listener -> listener.descriptor().close());
                }
            }
        }

        private ListenerInfo listener() {
            String name = name("listener");
            SocketKind kind =
                    PayloadFields.KINDS.get(PayloadFields.count(in, "kind", 1, PayloadFields.KINDS.size() - 1));
            String address = PayloadFields.text(in, "address", MessageLimits.TEXT);
            int role = PayloadFields.count(in, "role", 1, ListenerInfo.CONTROL);
            return new ListenerInfo(name, kind, address, descriptor(name), role);
        }

        private Message stateBegin() {
            String section = name("section");
            int version = PayloadFields.number32(in, "version");
            int flags = PayloadFields.count(in, "flags", 1, 3);
            return new Message.StateBegin(section, version, (flags & 1) != 0, (flags & 2) != 0);
        }

        private Message chunk() {
            if (in.readableBytes() > MessageLimits.CHUNK) {
                throw new CorruptedFrameException(
                        "chunk: " + in.readableBytes() + " bytes (at most " + MessageLimits.CHUNK + ')');
            }
            return new Message.StateChunk(in.readRetainedSlice(in.readableBytes()));
        }

        private Message offer() {
            int connections = PayloadFields.count(in, "connections", 4, Integer.MAX_VALUE);
            boolean together = PayloadFields.count(in, "together", 1, 1) == 1;
            int count = PayloadFields.count(in, "sections", 2, MessageLimits.SECTIONS);
            List<SectionInfo> sections = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                sections.add(new SectionInfo(
                        name("section"),
                        PayloadFields.number32(in, "version"),
                        PayloadFields.count(in, "required", 1, 1) == 1));
            }
            return new Message.Offer(connections, together, sections);
        }

        private List<Long> ids() {
            int count = PayloadFields.count(in, "ids", 4, Math.min(MessageLimits.IDS, in.readableBytes() / Long.BYTES));
            List<Long> ids = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                ids.add(PayloadFields.number(in, "id"));
            }
            return ids;
        }

        private Message connections() {
            int count = PayloadFields.count(in, "units", 2, MessageLimits.UNITS);
            List<ConnectionUnit> units = new ArrayList<>();
            boolean whole = false;
            try {
                for (int i = 0; i < count; i++) {
                    units.add(unit());
                }
                whole = true;
                return new Message.Connections(units);
            } finally {
                if (!whole) {
                    units.forEach(ConnectionUnit::release);
                }
            }
        }

        private ConnectionUnit unit() {
            long id = PayloadFields.number(in, "unit");
            String kind = name("kind");
            int version = PayloadFields.number32(in, "version");
            long capturedAt = PayloadFields.number(in, "capturedAt");
            int count = atLeastOne("parts", PayloadFields.count(in, "parts", 1, MessageLimits.PARTS));
            List<ConnectionPart> parts = new ArrayList<>(count);
            boolean whole = false;
            try {
                for (int i = 0; i < count; i++) {
                    parts.add(part());
                }
                whole = true;
                return new ConnectionUnit(id, kind, version, capturedAt, parts);
            } finally {
                if (!whole) {
                    parts.forEach(ConnectionPart::release);
                }
            }
        }

        private ConnectionPart part() {
            String role = name("role");
            String listener = name("listener");
            int flags = PayloadFields.count(in, "flags", 1, ConnectionPart.FLAGS);
            List<ByteBuf> held = new ArrayList<>();
            boolean whole = false;
            try {
                ByteBuf unread = hold(held, "unread");
                ByteBuf unwritten = hold(held, "unwritten");
                List<HandlerState> states = states(held);
                ConnectionPart part = part(role, listener, flags, unread, unwritten, states);
                whole = true;
                return part;
            } finally {
                if (!whole) {
                    held.forEach(ByteBuf::release);
                }
            }
        }

        private ConnectionPart part(
                String role, String listener, int flags, ByteBuf unread, ByteBuf unwritten, List<HandlerState> states) {
            if (descriptors.isEmpty() && missing > 0) {
                missing--;
                return ConnectionPart.withoutDescriptor(role, listener, flags, unread, unwritten, states);
            }
            return new ConnectionPart(role, listener, descriptor(role), flags, unread, unwritten, states);
        }

        private ByteBuf hold(List<ByteBuf> held, String field) {
            ByteBuf bytes = PayloadFields.bytes(in, field);
            held.add(bytes);
            return bytes;
        }

        private List<HandlerState> states(List<ByteBuf> held) {
            int count = PayloadFields.count(in, "states", 1, MessageLimits.STATES);
            List<HandlerState> states = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                states.add(new HandlerState(name("state"), PayloadFields.number32(in, "version"), hold(held, "state")));
            }
            return states;
        }
    }
}
