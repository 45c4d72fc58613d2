package io.fdnetty.internal.protocol;

import io.fdnetty.fd.Descriptor;
import io.fdnetty.fd.Descriptors;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.MessageToMessageEncoder;
import java.util.ArrayList;
import java.util.List;

/**
 * {@link Message}s in, {@link Frame}s out; docs/protocol.md draws each payload.
 *
 * <p>Writing a message hands it over. An owned descriptor goes along with its frame, a borrowed one stays its lender's.
 * On the control loop.
 */
public final class MessageEncoder extends MessageToMessageEncoder<Message> {
    public MessageEncoder() {
        super(Message.class);
    }

    @Override
    protected void encode(ChannelHandlerContext ctx, Message message, List<Object> out) {
        FaultPoints.encode(message, ctx.channel());
        List<Descriptor> descriptors = new ArrayList<>();
        int type = MessageType.of(message).number();
        if (message instanceof Message.StateChunk chunk) {
            if (chunk.bytes().readableBytes() > MessageLimits.CHUNK) {
                throw new IllegalArgumentException(chunk + ": at most " + MessageLimits.CHUNK);
            }
            out.add(Frame.of(type, false, chunk.bytes().retain()));
            return;
        }
        ByteBuf payload = ctx.alloc().buffer();
        boolean done = false;
        try {
            write(message, payload, descriptors);
            Descriptors all = Descriptors.of(descriptors);
            done = true;
            out.add(Frame.of(type, false, payload, all));
        } finally {
            if (!done) {
                payload.release();
                descriptors.forEach(Descriptor::close);
            }
        }
    }

    private static void write(Message message, ByteBuf out, List<Descriptor> descriptors) {
        if (message instanceof Message.Hello hello) {
            write(hello, out);
        } else if (message instanceof Message.Welcome welcome) {
            write(welcome, out);
            descriptors.add(forward(welcome.lifeline()));
        } else if (message instanceof Message.Listeners listeners) {
            write(listeners, out, descriptors);
        } else if (message instanceof Message.StateBegin begin) {
            PayloadFields.putName(out, begin.name());
            out.writeInt(begin.version());
            out.writeByte((begin.finalState() ? 1 : 0) | (begin.required() ? 2 : 0));
        } else if (message instanceof Message.StateEnd end) {
            out.writeLong(end.length()).writeInt(end.crc32c());
        } else if (message instanceof Message.Offer offer) {
            write(offer, out);
        } else if (message instanceof Message.Connections connections) {
            PayloadFields.putCount(out, "units", connections.units().size(), 2, MessageLimits.UNITS);
            connections.units().forEach(unit -> write(unit, out, descriptors));
        } else {
            writeAnswer(message, out);
        }
    }

    private static void writeAnswer(Message message, ByteBuf out) {
        if (message instanceof Message.Adopted adopted) {
            PayloadFields.putCount(out, "ids", adopted.ids().size(), 4, MessageLimits.IDS);
            adopted.ids().forEach(out::writeLong);
        } else if (message instanceof Message.Rejected rejected) {
            out.writeLong(rejected.id());
            PayloadFields.putText(out, rejected.reason(), MessageLimits.TEXT);
        } else if (message instanceof Message.Finished finished) {
            out.writeLong(finished.moved()).writeLong(finished.kept()).writeLong(finished.closed());
        } else if (message instanceof Message.Refused refused) {
            out.writeByte(PayloadFields.CODES.indexOf(refused.code()) + 1);
            PayloadFields.putText(out, refused.reason(), MessageLimits.TEXT);
        } else if (message instanceof Message.Failed failed) {
            PayloadFields.putText(out, failed.reason(), MessageLimits.TEXT);
        } else if (message instanceof Message.Abort abort) {
            PayloadFields.putText(out, abort.reason(), MessageLimits.TEXT);
        }
        // READY, CUTOVER and COMPLETE have no payload.
    }

    private static void write(Message.Hello hello, ByteBuf out) {
        out.writeShort(hello.minVersion()).writeShort(hello.maxVersion());
        PayloadFields.putName(out, hello.application());
        PayloadFields.putText(out, hello.applicationVersion(), MessageLimits.TEXT);
        out.writeLong(hello.pid()).writeShort(hello.descriptorsPerMessage()).writeInt(hello.maxPayload());
    }

    private static void write(Message.Welcome welcome, ByteBuf out) {
        out.writeShort(welcome.version()).writeLong(welcome.pid()).writeLong(welcome.generation());
        out.writeShort(welcome.descriptorsPerMessage());
    }

    private static void write(Message.Listeners listeners, ByteBuf out, List<Descriptor> descriptors) {
        PayloadFields.putCount(out, "listeners", listeners.all().size(), 2, MessageLimits.LISTENERS);
        for (ListenerInfo listener : listeners.all()) {
            PayloadFields.putName(out, listener.name());
            out.writeByte(PayloadFields.KINDS.indexOf(listener.kind()));
            PayloadFields.putText(out, listener.address(), MessageLimits.TEXT);
            out.writeByte(listener.role());
            descriptors.add(forward(listener.descriptor()));
        }
    }

    private static void write(Message.Offer offer, ByteBuf out) {
        out.writeInt(offer.connections()).writeBoolean(offer.together());
        PayloadFields.putCount(out, "sections", offer.finalSections().size(), 2, MessageLimits.SECTIONS);
        for (SectionInfo section : offer.finalSections()) {
            PayloadFields.putName(out, section.name());
            out.writeInt(section.version()).writeBoolean(section.required());
        }
    }

    private static void write(ConnectionUnit unit, ByteBuf out, List<Descriptor> descriptors) {
        out.writeLong(unit.id());
        PayloadFields.putName(out, unit.kind());
        out.writeInt(unit.version()).writeLong(unit.capturedAtMicros());
        PayloadFields.putCount(out, "parts", unit.parts().size(), 1, MessageLimits.PARTS);
        for (ConnectionPart part : unit.parts()) {
            PayloadFields.putName(out, part.role());
            PayloadFields.putName(out, part.listener());
            out.writeByte(part.flags());
            PayloadFields.putBytes(out, part.unread());
            PayloadFields.putBytes(out, part.unwritten());
            PayloadFields.putCount(out, "states", part.state().size(), 1, MessageLimits.STATES);
            part.state().forEach(state -> write(state, out));
            descriptors.add(forward(part.descriptor()));
        }
    }

    private static void write(HandlerState state, ByteBuf out) {
        PayloadFields.putName(out, state.name());
        out.writeInt(state.version());
        PayloadFields.putBytes(out, state.bytes());
    }

    /** The same descriptor in a handle of the frame's: the message that is released behind us must not spend it. */
    private static Descriptor forward(Descriptor descriptor) {
        return descriptor.isOwned()
                ? descriptor.named(descriptor.name())
                : Descriptor.borrow(descriptor.peek(), descriptor.name());
    }
}
