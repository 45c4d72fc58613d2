package io.fdnetty.internal.handler;

import io.fdnetty.internal.gate.OwnHandler;
import io.fdnetty.move.MovableHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPipeline;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an initializer built, as the classes of the handlers in their order: what a new process will build, too.
 * Immutable, and shared by the connections of a kind for which it built the same.
 */
public final class BuiltPipeline {
    private static final String DECLARE =
            "; declare MoveOptions.rebuilt(channel -> ...), which does the same to the new one";

    private final List<Class<?>> classes;

    private BuiltPipeline(List<Class<?>> classes) {
        this.classes = classes;
    }

    /** The handlers of this pipeline that are not fd-netty's own. */
    public static BuiltPipeline of(ChannelPipeline pipeline) {
        List<Class<?>> classes = new ArrayList<>(8);
        for (ChannelHandler handler : pipeline.toMap().values()) {
            if (!(handler instanceof OwnHandler)) {
                classes.add(handler.getClass());
            }
        }
        return new BuiltPipeline(classes);
    }

    public boolean isSameAs(@Nullable BuiltPipeline other) {
        return other != null && classes.equals(other.classes);
    }

    /** How this pipeline differs from what was built, with the line to add; null if it does not. */
    @Nullable
    public String difference(ChannelPipeline pipeline) {
        List<Class<?>> missing = new ArrayList<>(classes);
        List<Class<?>> more = new ArrayList<>(0);
        List<Class<?>> present = new ArrayList<>(classes.size());
        for (ChannelHandler handler : pipeline.toMap().values()) {
            if (handler instanceof OwnHandler || isVouchedFor(pipeline, handler)) {
                continue;
            }
            present.add(handler.getClass());
            if (!missing.remove(handler.getClass())) {
                more.add(handler.getClass());
            }
        }
        if (missing.isEmpty() && more.isEmpty()) {
            return present.equals(classes) ? null : "its handlers are in another order than was built" + DECLARE;
        }
        return describe(missing, more) + DECLARE;
    }

    /** Whether it was put in by a handler that answers for it. */
    private boolean isVouchedFor(ChannelPipeline pipeline, ChannelHandler handler) {
        return !classes.contains(handler.getClass())
                && pipeline.toMap().values().stream()
                        .anyMatch(other -> other instanceof MovableHandler movable && movable.vouchesFor(handler));
    }

    private static String describe(List<Class<?>> missing, List<Class<?>> more) {
        if (more.isEmpty()) {
            return names(missing) + ", which the initializer added, is gone: the new process would have it again";
        }
        if (missing.isEmpty()) {
            return names(more) + ", which the initializer did not add, is there: the new process would be without it";
        }
        return names(missing) + ", which the initializer added, is gone, and " + names(more) + " came:"
                + " the new process would begin with what was built";
    }

    private static String names(List<Class<?>> classes) {
        return String.join(", ", classes.stream().map(Advice::nameOf).toList());
    }
}
