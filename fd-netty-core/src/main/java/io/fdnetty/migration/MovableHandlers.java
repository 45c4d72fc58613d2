package io.fdnetty.migration;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;

/** What the classes of {@link MovableHandler}s override. */
final class MovableHandlers {
    private static final ClassValue<Boolean> OVERRIDES_MAY_MOVE = new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
            return overrides(type, "mayMove", ChannelHandlerContext.class, Runnable.class);
        }
    };

    private MovableHandlers() {}

    static boolean overridesMayMove(Class<?> type) {
        return OVERRIDES_MAY_MOVE.get(type);
    }

    /** Whether a handler of this pipeline brings its changes about in a new one. */
    static boolean isRebuiltBy(ChannelPipeline pipeline) {
        return pipeline.toMap().values().stream()
                .anyMatch(handler -> handler instanceof MovableHandler movable && movable.rebuildsPipeline());
    }

    static boolean overrides(Class<?> type, String method, Class<?>... parameters) {
        try {
            return !type.getMethod(method, parameters).getDeclaringClass().equals(MovableHandler.class);
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException(e);
        }
    }
}
