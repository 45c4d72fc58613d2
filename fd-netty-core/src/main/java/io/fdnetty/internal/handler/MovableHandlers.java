package io.fdnetty.internal.handler;

import io.fdnetty.move.MovableHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import java.util.List;
import java.util.Objects;

/** What the classes of {@link MovableHandler}s override. */
public final class MovableHandlers {
    private static final ClassValue<Boolean> OVERRIDES_MAY_MOVE = new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
            return overrides(type, "mayMove", ChannelHandlerContext.class, Runnable.class);
        }
    };

    private MovableHandlers() {}

    public static boolean overridesMayMove(Class<?> type) {
        return OVERRIDES_MAY_MOVE.get(type);
    }

    /** The {@link MovableHandler}s of a pipeline, from the socket on. */
    public static List<ChannelHandlerContext> in(ChannelPipeline pipeline) {
        return pipeline.toMap().values().stream()
                .filter(MovableHandler.class::isInstance)
                .map(pipeline::context)
                .filter(Objects::nonNull)
                .toList();
    }

    /** Whether a handler of this pipeline brings its changes about in a new one. */
    public static boolean isRebuiltBy(ChannelPipeline pipeline) {
        return pipeline.toMap().values().stream()
                .anyMatch(handler -> handler instanceof MovableHandler movable && movable.rebuildsPipeline());
    }

    public static boolean overrides(Class<?> type, String method, Class<?>... parameters) {
        try {
            return !type.getMethod(method, parameters).getDeclaringClass().equals(MovableHandler.class);
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException(e);
        }
    }
}
