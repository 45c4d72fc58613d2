package io.fdnetty.internal.protocol;

import io.netty.channel.Channel;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The places where a test lets a process die, hang or fail in the middle of a hand-over: before each action that a
 * machine decides, and before each message is encoded or decoded.
 *
 * <p>Empty unless the system property {@value #PROPERTY} names a class when this one is loaded: a
 * {@code BiConsumer<String, Channel>} with a constructor without arguments, which is called on the control loop with
 * {@code incumbent.SendUnits} or {@code encode.Connections}, say, and the control channel. What it throws is treated as
 * if the place itself had thrown it.
 */
public final class FaultPoints {
    static final String PROPERTY = "io.fdnetty.faults";

    private static final @Nullable BiConsumer<String, Channel> STRIKE = load(System.getProperty(PROPERTY));

    private FaultPoints() {}

    /**
     * An action of the incumbent's or the successor's comes next.
     *
     * @param message that it sends; null if it sends none
     */
    public static void action(String role, Object action, @Nullable Message message, Channel control) {
        if (STRIKE != null) {
            String name = message == null
                    ? action.getClass().getSimpleName()
                    : "Send" + message.getClass().getSimpleName();
            STRIKE.accept(role + '.' + name, control);
        }
    }

    /** A message is about to be written. */
    public static void encode(Message message, Channel control) {
        if (STRIKE != null) {
            STRIKE.accept("encode." + message.getClass().getSimpleName(), control);
        }
    }

    /** A message has been read, and nobody knows it yet. */
    public static void decode(Message message, Channel control) {
        if (STRIKE != null) {
            STRIKE.accept("decode." + message.getClass().getSimpleName(), control);
        }
    }

    @SuppressWarnings("unchecked")
    private static @Nullable BiConsumer<String, Channel> load(@Nullable String className) {
        if (className == null) {
            return null;
        }
        try {
            return Class.forName(className)
                    .asSubclass(BiConsumer.class)
                    .getDeclaredConstructor()
                    .newInstance();
        } catch (ReflectiveOperationException | ClassCastException e) {
            throw new IllegalStateException(PROPERTY + "=" + className + " cannot be used", e);
        }
    }
}
