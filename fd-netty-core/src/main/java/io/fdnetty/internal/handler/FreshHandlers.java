package io.fdnetty.internal.handler;

import static java.util.Objects.requireNonNull;

import io.fdnetty.internal.gate.OwnHandler;
import io.fdnetty.internal.netty.Fields;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.CombinedChannelDuplexHandler;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * How the handlers of one kind of connections look when they are new: when the initializer has built the pipeline, and,
 * for a kind whose connections come back as accepted, when all of them know of {@code channelActive}. It refers to no
 * handler.
 *
 * <p>Any thread; each connection on its event loop.
 */
public final class FreshHandlers {
    /** How many connections show all that there is to see: one how its handlers are, one what they share. */
    private static final int ENOUGH = 2;

    private static final InternalLogger logger = InternalLoggerFactory.getInstance(FreshHandlers.class);

    private final boolean hearActive;
    private final Set<Class<?>> misused = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean begun = new AtomicBoolean();
    private final AtomicInteger seen = new AtomicInteger();
    private final Baseline whenBuilt = new Baseline();
    private final Baseline whenActive = new Baseline();
    private volatile Set<Object> shared = Set.of();

    /** @param hearActive whether the handlers of connections that arrive see {@code channelActive} */
    public FreshHandlers(boolean hearActive) {
        this.hearActive = hearActive;
    }

    /** The initializer is about to build a pipeline: what it knows already is no connection's own. */
    public void before(ChannelHandler initializer) {
        if (begun.compareAndSet(false, true)) {
            harmlessly(() -> shared = SharedObjects.from(initializer));
        }
    }

    /**
     * What goes wrong here (a collection of the author's that has no size, say) is no harm to a connection that serves.
     */
    private static void harmlessly(Runnable look) {
        try {
            look.run();
        } catch (RuntimeException | LinkageError e) {
            logger.debug("Handlers that are new could not be looked at", e);
        }
    }

    /**
     * The pipeline has been built, and nothing has happened in it.
     *
     * @param gated whether its first handler holds {@code channelActive} back for a while, and not the handlers behind
     */
    public void built(Channel channel, boolean gated) {
        harmlessly(() -> whenBuilt.take(placesIn(channel), shared));
        channel.pipeline().forEach(entry -> harmlessly(() -> warnOfMisuse(channel, entry.getValue())));
        if (!hearActive) {
            seen();
        } else if (seen.get() < ENOUGH) {
            watch(channel.pipeline(), gated);
        }
    }

    /** Once for each class, when the first connection with such a handler is there. */
    private void warnOfMisuse(Channel channel, ChannelHandler handler) {
        String misuse = StateMisuse.in(handler, !hearActive);
        if (misuse != null && misused.add(handler.getClass())) {
            logger.warn("{} Connections like this one will not move: {}", channel, misuse);
        }
    }

    private void watch(ChannelPipeline pipeline, boolean gated) {
        if (gated) {
            pipeline.addAfter(pipeline.firstContext().name(), null, new ActiveWatch());
        } else {
            pipeline.addFirst(new ActiveWatch());
        }
    }

    private void active(Channel channel) {
        harmlessly(() -> whenActive.take(placesIn(channel), shared));
        seen();
    }

    private void seen() {
        if (seen.get() < ENOUGH) {
            seen.incrementAndGet();
        }
    }

    /**
     * What its fields hold that those of a new one did not.
     *
     * @return null if there is no difference
     * @throws Fields.InaccessibleException if the fields cannot be read
     */
    public FieldSnapshot.@Nullable Difference difference(ChannelHandler handler, Channel channel) {
        IdentityHashMap<ChannelHandler, Baseline.Place> places = placesIn(channel);
        Baseline.Place place = places.get(handler);
        FieldSnapshot built = place == null ? null : whenBuilt.at(place);
        FieldSnapshot active = place == null ? null : whenActive.at(place);
        if (built == null && active == null) {
            boolean isUnmeasurable = place != null && whenBuilt.isUnmeasurable(place);
            return new FieldSnapshot.Difference(
                    "", isUnmeasurable ? FieldSnapshot.Kind.UNMEASURABLE : FieldSnapshot.Kind.LATECOMER, "");
        }
        HandlerRule rule = HandlerRules.of(handler.getClass());
        FieldSnapshot one = built != null ? built : requireNonNull(active);
        FieldSnapshot other = active != null ? active : one;
        FieldSnapshot now = FieldWalk.of(
                handler,
                rule,
                places.keySet(),
                (path, value) -> one.isShared(path, value) || other.isShared(path, value));
        return now.differenceTo(one, other);
    }

    private static IdentityHashMap<ChannelHandler, Baseline.Place> placesIn(Channel channel) {
        IdentityHashMap<ChannelHandler, Baseline.Place> places = new IdentityHashMap<>();
        Map<Class<?>, Integer> counts = new HashMap<>();
        for (ChannelHandler handler : channel.pipeline().toMap().values()) {
            for (ChannelHandler part : partsOf(handler)) {
                places.put(part, new Baseline.Place(part.getClass(), counts.merge(part.getClass(), 1, Integer::sum)));
            }
        }
        return places;
    }

    /**
     * The handler, and those that it consists of.
     *
     * @throws Fields.InaccessibleException if the fields of Netty cannot be read
     */
    public static List<ChannelHandler> partsOf(ChannelHandler handler) {
        if (!(handler instanceof CombinedChannelDuplexHandler<?, ?>)) {
            return List.of(handler);
        }
        List<ChannelHandler> parts = new ArrayList<>(List.of(handler));
        for (String half : List.of("inboundHandler", "outboundHandler")) {
            if (Fields.read(handler, half) instanceof ChannelHandler part) {
                parts.addAll(partsOf(part));
            }
        }
        return parts;
    }

    /** Stands in front of the handlers of a connection until it is active and all of them have taken note. */
    private final class ActiveWatch extends ChannelInboundHandlerAdapter implements OwnHandler {
        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ctx.fireChannelActive();
            if (!ctx.isRemoved()) {
                ctx.pipeline().remove(this);
                active(ctx.channel());
            }
        }
    }
}
