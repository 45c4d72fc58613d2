package io.fdnetty.internal.capture;

import io.fdnetty.fd.Descriptor;
import io.fdnetty.internal.connection.TrackedConnection;
import io.fdnetty.internal.gate.ByteQueue;
import io.fdnetty.internal.gate.Gate;
import io.fdnetty.internal.gate.HeldOutbound;
import io.fdnetty.internal.gate.Refusal;
import io.fdnetty.internal.netty.ChannelInternals;
import io.fdnetty.internal.netty.UnreadBytes;
import io.fdnetty.internal.protocol.ConnectionPart;
import io.fdnetty.internal.protocol.HandlerState;
import io.fdnetty.internal.survey.ChannelAttributes;
import io.fdnetty.internal.survey.PipelineSurvey;
import io.fdnetty.move.MovableHandler;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.UnixChannel;
import io.netty.util.internal.StringUtil;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is taken out of a stopped, deregistered channel: unwritten bytes, handler states, unread bytes, in this order.
 * Event loop only. All of it can be given back: the handlers stay where they are. {@link UnitHarvest} says when.
 */
final class PartHarvest {
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(PartHarvest.class);

    private final Channel channel;
    private final Gate gate;
    private final PipelineSurvey survey;
    private final int limit;
    private final boolean inputShutdown;
    private final boolean outputShutdown;
    private final ByteQueue unwritten = new ByteQueue();
    private final ByteQueue unread = new ByteQueue();
    private final List<UnreadBytes> taken = new ArrayList<>(1);
    private final List<HandlerState> states = new ArrayList<>(2);
    private long stateBytes;
    private int readFlags;
    private @Nullable ConnectionPart made;

    PartHarvest(Channel channel, Gate gate, PipelineSurvey survey, int limit) {
        this.channel = channel;
        this.gate = gate;
        this.survey = survey;
        this.limit = limit;
        this.inputShutdown = ((DuplexChannel) channel).isInputShutdown();
        this.outputShutdown = ((DuplexChannel) channel).isOutputShutdown();
    }

    /** Why the socket's outbound queue cannot travel; null if it can. */
    static @Nullable Refusal refusalOfOutbound(Channel channel, int limit) {
        ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
        if (buffer == null) {
            return null;
        }
        long[] size = {0};
        Object[] foreign = {null};
        forEach(buffer, message -> {
            if (message instanceof ByteBuf bytes) {
                size[0] += bytes.readableBytes();
            } else {
                foreign[0] = message;
            }
            return foreign[0] == null;
        });
        if (foreign[0] != null) {
            return Refusal.later("a " + StringUtil.simpleClassName(foreign[0]) + " is being written");
        }
        return size[0] > limit ? UnitHarvest.tooMuch(size[0], limit) : null;
    }

    /** From now on a shutdown of the output travels, instead of overtaking what is pending. */
    void holdBackFin() {
        if (channel.unsafe().outboundBuffer() != null) {
            ChannelInternals.holdBackFin(channel);
        }
    }

    /** Takes all that was written before the gate was shut, and completes its promises. */
    @Nullable
    Refusal takeUnwritten() {
        ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
        if (buffer == null) {
            return null;
        }
        buffer.addFlush();
        Refusal refusal = refusalOfOutbound(channel, limit);
        if (refusal != null) {
            return refusal;
        }
        while (buffer.current() instanceof ByteBuf bytes) {
            unwritten.add(bytes.retain());
            buffer.remove();
        }
        return null;
    }

    /** Whether something was written while the gate held, and not taken yet. */
    boolean isWritten() {
        return !gate.outbound().isEmpty();
    }

    /** Takes what was written while the gate held, up to now; completed writes may lead to further ones. */
    @Nullable
    Refusal takeHeld() {
        HeldOutbound held = gate.outbound();
        if (held.isEmpty()) {
            return null;
        }
        if (channel.unsafe().outboundBuffer() == null) {
            held.fail(new ChannelOutputShutdownException("Channel output shutdown"));
        } else if (!held.holdsOnlyBytes()) {
            return Refusal.later("something other than bytes is being written");
        } else {
            held.takeBytes(unwritten);
        }
        return null;
    }

    /** Saves the states of the handlers; what they write meanwhile goes along. */
    @Nullable
    Refusal saveState() {
        for (ChannelHandlerContext context : survey.stateful()) {
            MovableHandler handler = (MovableHandler) context.handler();
            String name = handler.stateName();
            int version = handler.stateVersion();
            try {
                ByteBuf state = channel.alloc().buffer();
                states.add(new HandlerState(name, version, state));
                handler.saveState(context, state);
                stateBytes += state.readableBytes();
            } catch (Throwable e) { // or nobody would let the connection go on
                return Refusal.never("saving the state " + name + " failed: " + e);
            }
        }
        return saveAttributes();
    }

    private @Nullable Refusal saveAttributes() {
        TrackedConnection connection = TrackedConnection.of(channel);
        if (connection == null) {
            return null;
        }
        ChannelAttributes attributes =
                new ChannelAttributes(channel, connection.initializer().options());
        connection.initializer().staysBehind(attributes.undeclared());
        int before = states.size();
        Refusal refusal = attributes.save(states);
        states.stream()
                .skip(before)
                .forEach(state -> stateBytes += state.bytes().readableBytes());
        return refusal;
    }

    /** Takes the bytes that decoders and the gate have taken in: those nearest to the last handler came first. */
    @Nullable
    Refusal takeUnread() {
        if (!gate.inbound().holdsOnlyBytes()) {
            return Refusal.later("an event is on its way to its handlers");
        }
        List<ChannelHandlerContext> contexts = survey.contexts();
        for (int i = contexts.size() - 1; i >= 0; i--) {
            UnreadBytes bytes = UnreadBytes.take(contexts.get(i));
            if (bytes != null) {
                taken.add(bytes);
                unread.add(bytes.slice());
            }
        }
        boolean areHeld = taken.stream().anyMatch(UnreadBytes::areHeld);
        if (taken.stream().anyMatch(bytes -> !bytes.areHeld()) && !survey.startsWithDecoder()) {
            readFlags = ConnectionPart.UNREAD_AT_DECODER;
            if (areHeld || gate.inbound().hasBytes()) {
                return Refusal.later("bytes are on their way to its decoder");
            }
        }
        gate.inbound().copyBytes(unread);
        return null;
    }

    /** All of it as a part, which owns what this harvest owned. The descriptor stays the channel's. */
    ConnectionPart part(String role, String listener, String name) {
        gate.passEvents(false);
        ConnectionPart part = new ConnectionPart(
                role,
                listener,
                Descriptor.borrow(((UnixChannel) channel).fd(), name),
                flags(),
                unread.take(channel.alloc()),
                unwritten.take(channel.alloc()),
                states);
        states.clear();
        made = part;
        return part;
    }

    private int flags() {
        boolean finWanted = channel.unsafe().outboundBuffer() == null;
        return readFlags
                | (inputShutdown ? ConnectionPart.INPUT_SHUTDOWN : 0)
                | (outputShutdown || finWanted ? ConnectionPart.OUTPUT_SHUTDOWN : 0)
                | (gate.outbound().isCloseRequested() ? ConnectionPart.CLOSE_AFTER_WRITE : 0);
    }

    /**
     * Undoes it: the bytes go to the socket again, before all that is held. The part that was made is still its
     * owner's.
     */
    void giveBackUnwritten() {
        ChannelInternals.allowFin(channel, outputShutdown);
        ByteBuf bytes = made == null
                ? unwritten.take(channel.alloc())
                : made.unwritten().retainedDuplicate();
        discardStates();
        unwritten.release();
        unread.release();
        if (channel.unsafe().outboundBuffer() == null && bytes.isReadable()) {
            logger.error(
                    "{} had its output shut down while it was stopped and stays here: closed, {} bytes are lost",
                    channel,
                    bytes.readableBytes());
            bytes.release();
            channel.close();
        } else if (bytes.isReadable()) {
            gate.context().writeAndFlush(bytes);
        } else {
            bytes.release();
        }
    }

    /** Gives the decoders their bytes again, those first that came first; the gate lets writes through. */
    void giveBackUnread() {
        for (UnreadBytes bytes : taken) {
            try {
                bytes.giveBack();
            } catch (Exception e) {
                channel.pipeline().fireExceptionCaught(e);
            }
        }
        taken.clear();
    }

    /** The channel is closed: nothing of it matters any more. */
    void discard() {
        taken.forEach(UnreadBytes::release);
        taken.clear();
        discardStates();
        unwritten.release();
        unread.release();
    }

    private void discardStates() {
        states.forEach(state -> state.bytes().release());
        states.clear();
        stateBytes = 0;
    }

    /** Whether the connection was to be closed when it was captured. */
    boolean closesAfterWrite() {
        return made != null && made.has(ConnectionPart.CLOSE_AFTER_WRITE);
    }

    /** What would travel, in bytes. */
    long size() {
        return unwritten.size() + unread.size() + stateBytes;
    }

    private static void forEach(ChannelOutboundBuffer buffer, ChannelOutboundBuffer.MessageProcessor processor) {
        try {
            buffer.forEachFlushedMessage(processor);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
