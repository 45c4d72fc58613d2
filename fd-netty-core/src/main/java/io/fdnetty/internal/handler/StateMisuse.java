package io.fdnetty.internal.handler;

import io.fdnetty.move.MovableHandler;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;

/**
 * Contradictions between what a {@link MovableHandler} says of its state and what it, or the kind of its connection,
 * does.
 */
public final class StateMisuse {
    private static final ClassValue<Boolean> SAVES = new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
            return overridesSaveState(type);
        }
    };

    private StateMisuse() {}

    /** What is wrong, and the line that mends it; null if nothing is. */
    public static @Nullable String in(ChannelHandler handler, boolean restored) {
        if (!(handler instanceof MovableHandler movable)) {
            return null;
        }
        String name = Advice.nameOf(handler.getClass());
        int version = movable.stateVersion();
        if (version <= 0) {
            return SAVES.get(handler.getClass())
                    ? name + " overrides saveState, which is never called: its stateVersion() must be at least 1"
                    : null;
        }
        return restored
                ? null
                : name + " has a state (version " + version
                        + "), which is lost where connections come back as accepted:"
                        + " declare the kind MoveOptions.restored()";
    }

    private static boolean overridesSaveState(Class<?> type) {
        try {
            return !type.getMethod("saveState", ChannelHandlerContext.class, ByteBuf.class)
                    .getDeclaringClass()
                    .equals(MovableHandler.class);
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException(e);
        }
    }
}
