package io.fdnetty.internal.survey;

import io.fdnetty.internal.connection.TrackedConnection;
import io.fdnetty.internal.gate.Refusal;
import io.fdnetty.internal.netty.ChannelInternals;
import io.fdnetty.internal.protocol.HandlerState;
import io.fdnetty.move.MoveOptions;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.util.Attribute;
import io.netty.util.AttributeKey;
import io.netty.util.DefaultAttributeMap;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The attributes of a channel: which of them move, and which would be missing there. Event loop only. */
public final class ChannelAttributes {
    /** Those of handlers that a new process has, too. */
    private static final List<String> INTERNAL = List.of("io.netty.", TrackedConnection.class.getName() + '#');

    private static final @Nullable VarHandle ATTRIBUTES = attributes();

    private final Channel channel;
    private final List<MoveOptions.Attribute<?>> moved;

    public ChannelAttributes(Channel channel, MoveOptions options) {
        this.channel = channel;
        this.moved = options.attributes();
    }

    private static @Nullable VarHandle attributes() {
        try {
            return ChannelInternals.field(
                    DefaultAttributeMap.class,
                    "attributes",
                    Class.forName("[Lio.netty.util.DefaultAttributeMap$DefaultAttribute;"));
        } catch (ClassNotFoundException e) {
            return null;
        }
    }

    /** Whether this is the state of an attribute. */
    public static boolean isAttribute(HandlerState state) {
        return state.name().startsWith(MoveOptions.Attribute.PREFIX);
    }

    /** Saves those that move; returns why that failed, null if it did not. */
    @Nullable
    public Refusal save(List<HandlerState> states) {
        for (MoveOptions.Attribute<?> attribute : moved) {
            try {
                ByteBuf value = attribute.save(channel);
                if (value != null) {
                    states.add(new HandlerState(attribute.stateName(), MoveOptions.Attribute.VERSION, value));
                }
            } catch (Throwable e) { // or nobody would let the connection go on
                return Refusal.never("saving the attribute " + attribute.key() + " failed: " + e);
            }
        }
        return null;
    }

    /** Sets those that came along; returns why that failed, null if it did not. */
    @Nullable
    public String load(List<HandlerState> states) {
        for (HandlerState state : states) {
            String failure = isAttribute(state) ? load(state) : null;
            if (failure != null) {
                return failure;
            }
        }
        return null;
    }

    private @Nullable String load(HandlerState state) {
        for (MoveOptions.Attribute<?> attribute : moved) {
            if (attribute.stateName().equals(state.name())) {
                try {
                    attribute.load(channel, state.version(), state.bytes().duplicate());
                    return null;
                } catch (Throwable e) { // or its predecessor would wait for the answer
                    return "loading the attribute " + attribute.key() + " failed: " + e;
                }
            }
        }
        return "nothing here takes the " + state.name().substring(MoveOptions.Attribute.PREFIX.indexOf(' ') + 1)
                + ": MoveOptions.attribute";
    }

    /** The names of those that are set and move. */
    public List<String> declared() {
        return moved.stream()
                .map(MoveOptions.Attribute::key)
                .filter(key -> channel.hasAttr(key) && channel.attr(key).get() != null)
                .map(AttributeKey::name)
                .toList();
    }

    /** The names of those that are set and do not move, as far as that can be found out. */
    public List<String> undeclared() {
        if (ATTRIBUTES == null || !(channel instanceof DefaultAttributeMap map)) {
            return List.of();
        }
        List<String> names = new ArrayList<>(0);
        for (Object each : (Object[]) ATTRIBUTES.getVolatile(map)) {
            Attribute<?> attribute = (Attribute<?>) each;
            if (attribute.get() != null && !isKnown(attribute.key())) {
                names.add(attribute.key().name());
            }
        }
        return names;
    }

    private boolean isKnown(AttributeKey<?> key) {
        return moved.stream().anyMatch(attribute -> attribute.key().equals(key))
                || INTERNAL.stream().anyMatch(key.name()::startsWith);
    }
}
