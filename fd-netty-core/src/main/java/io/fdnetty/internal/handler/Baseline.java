package io.fdnetty.internal.handler;

import io.fdnetty.internal.netty.Fields;
import io.netty.channel.ChannelHandler;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Snapshots of the handlers of one kind of connections at one moment of their youth. Any thread. */
final class Baseline {
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(Baseline.class);

    private final Map<Place, FieldSnapshot> firsts = new ConcurrentHashMap<>();
    private final Map<Place, FieldSnapshot> settled = new ConcurrentHashMap<>();
    private final Set<Place> unmeasurable = ConcurrentHashMap.newKeySet();

    /**
     * Where a handler stands.
     *
     * @param number how many of the class stand before it, and one
     */
    record Place(Class<?> type, int number) {}

    /** How a handler at this place looks; null if none has been seen. */
    @Nullable
    FieldSnapshot at(Place place) {
        return settled.getOrDefault(place, firsts.get(place));
    }

    /** Whether looking at a handler at this place failed. */
    boolean isUnmeasurable(Place place) {
        return unmeasurable.contains(place);
    }

    /**
     * Takes snapshots of the handlers that no two connections have shown yet.
     *
     * @param shared objects that are no handler's own
     */
    void take(Map<ChannelHandler, Place> places, Set<Object> shared) {
        places.forEach((handler, place) -> {
            HandlerRule rule = HandlerRules.of(handler.getClass());
            if (rule.isCompared() && !settled.containsKey(place) && !HandlerRules.isShared(handler)) {
                take(handler, rule, place, places.keySet(), shared);
            }
        });
    }

    private void take(
            ChannelHandler handler, HandlerRule rule, Place place, Set<ChannelHandler> pipeline, Set<Object> shared) {
        FieldSnapshot first = firsts.get(place);
        try {
            FieldSnapshot fresh = FieldWalk.of(
                    handler,
                    rule,
                    pipeline,
                    (path, value) -> shared.contains(value) || (first != null && first.isShared(path, value)));
            if (first == null) {
                firsts.putIfAbsent(place, fresh);
            } else {
                settled.putIfAbsent(place, first.refined(fresh));
            }
        } catch (Fields.InaccessibleException e) {
            return; // whoever wants to move the connection finds out
        } catch (RuntimeException | LinkageError e) { // of a collection of the author's that has no size, say
            logger.debug("A new {} could not be looked at", handler.getClass(), e);
            unmeasurable.add(place);
        }
    }
}
