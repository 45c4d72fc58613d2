package io.fdnetty.internal.connection;

import static java.util.Objects.requireNonNull;

import io.fdnetty.internal.gate.AnswerGuard;
import io.fdnetty.internal.gate.AnswerHabits;
import io.fdnetty.internal.gate.OwnHandler;
import io.fdnetty.internal.handler.BuiltPipeline;
import io.fdnetty.internal.handler.FreshHandlers;
import io.fdnetty.internal.handler.GuardPlace;
import io.fdnetty.internal.listener.HalfClosure;
import io.fdnetty.move.MoveOptions;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Puts the author's handler into the pipeline of a connection and makes the connection known. */
@Sharable
public final class MovableInitializer extends ChannelInitializer<Channel> implements OwnHandler {
    /** How many connections are watched until they are up. */
    private static final int WATCHED = 2;

    private static final InternalLogger logger = InternalLoggerFactory.getInstance(MovableInitializer.class);

    private final LiveConnections connections;
    private final String kind;
    private final ChannelHandler childHandler;
    private final MoveOptions options;
    private final @Nullable EventLoopGroup outboundGroup;
    private final FreshHandlers fresh;
    private final AnswerHabits habits = new AnswerHabits();
    private final Set<String> namedAttributes = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean explained = new AtomicBoolean();
    private final AtomicInteger watched = new AtomicInteger();
    private volatile @Nullable BuiltPipeline lastBuilt;
    private volatile @Nullable BuiltPipeline lastStarted;

    /** @param outboundGroup where connections of a kind that the server opens itself arrive; null for accepted ones */
    MovableInitializer(
            LiveConnections connections,
            String kind,
            ChannelHandler childHandler,
            MoveOptions options,
            @Nullable EventLoopGroup outboundGroup) {
        this.connections = connections;
        this.kind = kind;
        this.childHandler = childHandler;
        this.options = options;
        this.outboundGroup = outboundGroup;
        this.fresh = new FreshHandlers(!options.isRestored());
    }

    /** Whether the server opens connections of this kind itself. */
    public boolean isOutbound() {
        return outboundGroup != null;
    }

    /** Where connections of an outbound kind arrive; null if the kind is accepted. */
    @Nullable
    EventLoopGroup outboundGroup() {
        return outboundGroup;
    }

    /** Where a connection of an outbound kind arrives that is linked to none. */
    public EventLoop nextLoop() {
        return requireNonNull(outboundGroup, "not outbound").next();
    }

    public String kind() {
        return kind;
    }

    public MoveOptions options() {
        return options;
    }

    /** How its handlers look when they are new. */
    public FreshHandlers fresh() {
        return fresh;
    }

    public LiveConnections connections() {
        return connections;
    }

    @Override
    protected void initChannel(Channel child) {
        if (isOutbound()) {
            HalfClosure.prepare(child);
        }
        ArrivingConnection arriving = ArrivingConnection.in(child);
        if (arriving != null && arriving.isOver()) {
            return;
        }
        String listenerName = arriving != null ? arriving.listenerName() : listenerNameOf(child);
        TrackedConnection connection = new TrackedConnection(connections.nextId(), child, listenerName, this);
        if (arriving != null) {
            arriving.initialized(connection);
        }
        fresh.before(childHandler);
        addHandlers(child);
        if (arriving != null) {
            arriving.gateFirst();
        }
        connection.built(built(child.pipeline()));
        if (watched.get() < WATCHED && watched.incrementAndGet() <= WATCHED) {
            StartWatch.addTo(child.pipeline(), options.isRestored(), arriving != null, this::started);
        }
        guard(child.pipeline());
        fresh.built(child, arriving != null);
        if (arriving == null) {
            connections.add(connection);
            explainFirst(connection);
        }
    }

    /** The first connection of a kind, once it is up, says what becomes of the others. */
    private void explainFirst(TrackedConnection connection) {
        if (explained.compareAndSet(false, true)) {
            connection.eventLoop().execute(() -> connections.explainFirst(connection));
        }
    }

    private String listenerNameOf(Channel child) {
        return isOutbound() ? "" : connections.listenerNameOf(child);
    }

    private void addHandlers(Channel child) {
        ChannelPipeline pipeline = child.pipeline();
        options.addFront(pipeline);
        pipeline.addLast(childHandler);
    }

    private BuiltPipeline built(ChannelPipeline pipeline) {
        BuiltPipeline last = lastBuilt;
        BuiltPipeline built = BuiltPipeline.of(pipeline);
        if (last != null && built.isSameAs(last)) {
            return last;
        }
        lastBuilt = built;
        return built;
    }

    /** What the handlers have made of the pipeline by the time the connection is up. */
    private void started(ChannelPipeline pipeline) {
        BuiltPipeline now = BuiltPipeline.of(pipeline);
        if (!now.isSameAs(lastBuilt)) {
            lastStarted = now;
        }
    }

    /**
     * How this pipeline differs from what was built, or from what became of that at the start of a connection; null if
     * it does not.
     */
    @Nullable
    String changed(BuiltPipeline built, ChannelPipeline pipeline) {
        BuiltPipeline started = lastStarted;
        String difference = built.difference(pipeline);
        if (difference == null || started == null) {
            return difference;
        }
        return started.difference(pipeline) == null ? null : difference;
    }

    /** Counts answers in this pipeline, if they are to be counted, from here on. */
    private void guard(ChannelPipeline pipeline) {
        ChannelHandlerContext unknown = GuardPlace.in(pipeline, options);
        if (unknown != null) {
            pipeline.addBefore(unknown.name(), AnswerGuard.NAME, new AnswerGuard(habits));
        }
    }

    /**
     * Makes the pipeline of a connection that arrives like the one that it had; its attributes are set.
     *
     * @return why that failed, null if it did not
     */
    @Nullable
    public String rebuild(Channel child) {
        if (!options.rebuilds()) {
            return null;
        }
        try {
            options.rebuild(child);
            if (child.pipeline().get(AnswerGuard.class) != null) {
                child.pipeline().remove(AnswerGuard.class);
            }
            guard(child.pipeline());
            return null;
        } catch (Throwable e) { // or its predecessor would wait for the answer
            return "MoveOptions.rebuilt failed: " + e;
        }
    }

    /** Names attributes that stay behind, each once. */
    public void staysBehind(List<String> attributes) {
        for (String attribute : attributes) {
            if (namedAttributes.add(attribute)) {
                logger.warn(
                        "{} connections move without their attribute {}, which is set: declare"
                                + " MoveOptions.attribute if it"
                                + " is needed",
                        kind,
                        attribute);
            }
        }
    }
}
