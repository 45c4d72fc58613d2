package io.fdnetty.move;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An attribute of a channel that moves along, as the state of no handler: its name begins with {@value #PREFIX}.
 *
 * @param save writes a value; called on the channel's event loop
 * @param load reads it
 */
public record MovedAttribute<T>(
        AttributeKey<T> key, BiConsumer<? super T, ? super ByteBuf> save, Function<? super ByteBuf, ? extends T> load) {
    /** What the names of attributes begin with among the states of handlers. */
    public static final String PREFIX = "fd-netty attribute ";

    /** The version of the format in which values travel. */
    public static final int VERSION = 1;

    private static final int MOST_BYTES = 255;

    /** Netty's MQTT codec keeps the version of the protocol in one; by name, since its jar may be absent. */
    static final MovedAttribute<Object> MQTT_VERSION =
            ofEnum("NETTY_CODEC_MQTT_VERSION", "io.netty.handler.codec.mqtt.MqttVersion");

    /** Checks the name. */
    public MovedAttribute {
        if ((PREFIX + key.name()).getBytes(UTF_8).length > MOST_BYTES) {
            throw new IllegalArgumentException("the name of the attribute is too long: " + key.name());
        }
    }

    private static MovedAttribute<Object> ofEnum(String name, String type) {
        return new MovedAttribute<>(
                AttributeKey.valueOf(name),
                (value, out) -> out.writeCharSequence(((Enum<?>) value).name(), UTF_8),
                in -> valueOf(type, in.toString(UTF_8)));
    }

    private static Object valueOf(String type, String name) {
        try {
            for (Object constant : Class.forName(type).getEnumConstants()) {
                if (((Enum<?>) constant).name().equals(name)) {
                    return constant;
                }
            }
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
        throw new IllegalArgumentException("there is no " + type + '.' + name);
    }

    /** The name of the value among the states of handlers. */
    public String stateName() {
        return PREFIX + key.name();
    }

    /** The value, as it travels, which the caller releases; null if it is not set. */
    @Nullable
    public ByteBuf save(Channel channel) {
        T value = channel.hasAttr(key) ? channel.attr(key).get() : null;
        if (value == null) {
            return null;
        }
        ByteBuf bytes = channel.alloc().buffer();
        try {
            save.accept(value, bytes);
            return bytes;
        } catch (Throwable e) {
            bytes.release();
            throw e;
        }
    }

    /** Sets the value that came along. */
    public void load(Channel channel, int version, ByteBuf bytes) {
        if (version != VERSION) {
            throw new IllegalArgumentException("it has version " + version + ", " + VERSION + " can be taken");
        }
        channel.attr(key).set(load.apply(bytes));
    }
}
