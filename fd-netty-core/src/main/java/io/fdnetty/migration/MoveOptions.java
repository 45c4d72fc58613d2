package io.fdnetty.migration;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPipeline;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * How the connections of one kind move. Immutable; each method returns a changed copy.
 *
 * <p>By default they come back <em>as accepted</em>: the initializer builds the pipeline, {@code channelActive} fires and the
 * unread bytes follow. That suits protocols without a state between two messages.
 */
public final class MoveOptions {
    private static final MoveOptions AS_ACCEPTED = new MoveOptions(false, 1, 1, Map.of(), List.of());

    private final boolean restored;
    private final int version;
    private final int oldestVersion;
    private final Map<Class<?>, Predicate<ChannelHandler>> declared;
    private final List<Supplier<? extends MovableHandler>> inFront;

    private MoveOptions(
            boolean restored,
            int version,
            int oldestVersion,
            Map<Class<?>, Predicate<ChannelHandler>> declared,
            List<Supplier<? extends MovableHandler>> inFront) {
        this.restored = restored;
        this.version = version;
        this.oldestVersion = oldestVersion;
        this.declared = declared;
        this.inFront = inFront;
    }

    /**
     * Connections come to life like freshly accepted ones; no handler state moves, and a connection with a handler that has one
     * ({@link MovableHandler#stateVersion}) stays.
     */
    public static MoveOptions asAccepted() {
        return AS_ACCEPTED;
    }

    /** Connections come to life with the saved states of their {@link MovableHandler}s. */
    public static MoveOptions restored() {
        return new MoveOptions(true, 1, 1, Map.of(), List.of());
    }

    /**
     * Versions the kind as a whole: units are sent with {@code current} and accepted from {@code oldest} to {@code current}.
     * Both are 1 unless set.
     */
    public MoveOptions version(int oldest, int current) {
        if (oldest < 1 || current < oldest) {
            throw new IllegalArgumentException("versions " + oldest + " to " + current);
        }
        return new MoveOptions(restored, current, oldest, declared, inFront);
    }

    /**
     * Declares that handlers of this class can move at any moment, whatever their fields hold: all that a client would miss are
     * bytes that they have not decoded yet, and these travel.
     *
     * @throws IllegalArgumentException if that cannot be true, as of a decoder of Netty's that knows more within a message; the
     *     message says what to do instead
     */
    public MoveOptions stateless(Class<? extends ChannelHandler> handlerClass) {
        String refusal = Advice.refusalOfStateless(handlerClass);
        if (refusal != null) {
            throw new IllegalArgumentException(refusal);
        }
        return statelessWhen(handlerClass, handler -> true);
    }

    /**
     * Like {@link #stateless}, whenever {@code atBoundary} says so; otherwise the connection is asked again a little later. For a
     * handler of Netty's with a verdict of its own (docs/handlers.md) both must be true.
     *
     * @param atBoundary called on the channel's event loop
     */
    public <H extends ChannelHandler> MoveOptions statelessWhen(
            Class<H> handlerClass, Predicate<? super H> atBoundary) {
        Map<Class<?>, Predicate<ChannelHandler>> more = new LinkedHashMap<>(declared);
        more.put(handlerClass, handler -> atBoundary.test(handlerClass.cast(handler)));
        return new MoveOptions(restored, version, oldestVersion, more, inFront);
    }

    /**
     * Puts a handler in front of the author's, next to the socket; several stand in the order of these calls.
     *
     * @param handler makes one for each connection, as it is accepted or arrives
     */
    public MoveOptions inFront(Supplier<? extends MovableHandler> handler) {
        List<Supplier<? extends MovableHandler>> more = new ArrayList<>(inFront);
        more.add(handler);
        return new MoveOptions(restored, version, oldestVersion, declared, more);
    }

    void addFront(ChannelPipeline pipeline) {
        inFront.forEach(handler -> pipeline.addLast(handler.get()));
    }

    boolean isRestored() {
        return restored;
    }

    int version() {
        return version;
    }

    boolean accepts(int unitVersion) {
        return unitVersion >= oldestVersion && unitVersion <= version;
    }

    String versions() {
        return oldestVersion == version ? "version " + version : "versions " + oldestVersion + " to " + version;
    }

    boolean isDeclared(ChannelHandler handler) {
        return declared.keySet().stream().anyMatch(type -> type.isInstance(handler));
    }

    boolean isAtBoundary(ChannelHandler handler) {
        return declared.entrySet().stream()
                .filter(entry -> entry.getKey().isInstance(handler))
                .allMatch(entry -> entry.getValue().test(handler));
    }
}
