package io.fdnetty.move;

import io.netty.channel.ChannelHandlerContext;

/** Looks up, once for each class, what a {@link MovableHandler} overrides. Thread-safe. */
final class Overrides {
    private static final ClassValue<Boolean> MAY_MOVE = new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
            try {
                return !type.getMethod("mayMove", ChannelHandlerContext.class, Runnable.class)
                        .getDeclaringClass()
                        .equals(MovableHandler.class);
            } catch (NoSuchMethodException e) {
                throw new IllegalStateException(e);
            }
        }
    };

    private Overrides() {}

    static boolean mayMove(Class<?> type) {
        return MAY_MOVE.get(type);
    }
}
