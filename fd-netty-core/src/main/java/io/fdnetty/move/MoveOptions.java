package io.fdnetty.move;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPipeline;
import io.netty.util.AttributeKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How the connections of one kind move. Immutable; each method returns a changed copy.
 *
 * <p>By default they come back <em>as accepted</em>: the initializer builds the pipeline, {@code channelActive} fires
 * and the unread bytes follow. That suits protocols without a state between two messages.
 *
 * <p>A connection moves only when no message waits for its answer. What fd-netty does not know it counts: a handler of
 * its own, placed between the codecs and the first handler of the author's, expects one write for each message that
 * passes it. A write that nobody asked for, or several writes for one message, break that rule for the whole kind; from
 * then on a connection that may still owe an answer is kept, with a reason that names the line to add: {@link #oneWay},
 * {@link #answersOnLoop} or {@link #idleWhen}, of which the last one said holds. Nothing is counted if a handler
 * {@linkplain MovableHandler#knowsAnswers knows better}.
 */
public final class MoveOptions {
    /** How it is known that no message waits for an answer. */
    enum Answers {
        /** Messages and writes are counted. */
        COUNTED,
        /** No message ever waits where a move could be asked for. */
        NEVER_OWED,
        /** The author's predicate says so. */
        PREDICATE
    }

    private static final MoveOptions AS_ACCEPTED = new MoveOptions();

    private boolean restored;
    private int version = 1;
    private int oldestVersion = 1;
    private Map<Class<?>, Predicate<ChannelHandler>> declared = Map.of();
    private Set<Class<?>> stateless = Set.of();
    private List<Supplier<? extends MovableHandler>> inFront = List.of();
    private Answers answers = Answers.COUNTED;
    private @Nullable Predicate<? super Channel> idle;
    private @Nullable Consumer<? super Channel> rebuild;
    private List<Attribute<?>> attributes = List.of(Attribute.MQTT_VERSION);

    private MoveOptions() {}

    /** A copy with a change; nothing is changed once it is handed out. */
    private MoveOptions with(Consumer<MoveOptions> change) {
        MoveOptions copy = new MoveOptions();
        copy.restored = restored;
        copy.version = version;
        copy.oldestVersion = oldestVersion;
        copy.declared = declared;
        copy.stateless = stateless;
        copy.inFront = inFront;
        copy.answers = answers;
        copy.idle = idle;
        copy.rebuild = rebuild;
        copy.attributes = attributes;
        change.accept(copy);
        return copy;
    }

    /**
     * Connections come to life like freshly accepted ones; no handler state moves, and a connection with a handler that
     * has one ({@link MovableHandler#stateVersion}) stays.
     */
    public static MoveOptions asAccepted() {
        return AS_ACCEPTED;
    }

    /**
     * Connections come to life with the saved states of their {@link MovableHandler}s, if there are any. No handler
     * gets {@code channelActive}, but {@link ConnectionRestored}: what is done once for a connection, such as a
     * greeting, belongs into the former, what each process does (a place in a group, a timer, a first {@code read()}
     * where reading is explicit) into both, or into {@code handlerAdded}. Netty's own handlers need neither.
     */
    public static MoveOptions restored() {
        return AS_ACCEPTED.with(copy -> copy.restored = true);
    }

    /**
     * Versions the kind as a whole: units are sent with {@code current} and accepted from {@code oldest} to
     * {@code current}. Both are 1 unless set.
     */
    public MoveOptions version(int oldest, int current) {
        if (oldest < 1 || current < oldest) {
            throw new IllegalArgumentException("versions " + oldest + " to " + current);
        }
        return with(copy -> {
            copy.oldestVersion = oldest;
            copy.version = current;
        });
    }

    /**
     * Declares that handlers of this class can move at any moment, whatever their fields hold: all that a client would
     * miss are bytes that they have not decoded yet, and these travel. That cannot be true of a decoder of Netty's,
     * say, that knows more within a message: then whoever is given these options throws, and says what to do instead.
     */
    public MoveOptions stateless(Class<? extends ChannelHandler> handlerClass) {
        Set<Class<?>> more = new LinkedHashSet<>(stateless);
        more.add(handlerClass);
        return statelessWhen(handlerClass, handler -> true).with(copy -> copy.stateless = more);
    }

    /**
     * Like {@link #stateless}, whenever {@code atBoundary} says so; otherwise the connection is asked again a little
     * later. For a handler of Netty's with a verdict of its own (docs/handlers.md) both must be true.
     *
     * @param atBoundary called on the channel's event loop
     */
    public <H extends ChannelHandler> MoveOptions statelessWhen(
            Class<H> handlerClass, Predicate<? super H> atBoundary) {
        Map<Class<?>, Predicate<ChannelHandler>> more = new LinkedHashMap<>(declared);
        more.put(handlerClass, handler -> atBoundary.test(handlerClass.cast(handler)));
        return with(copy -> copy.declared = more);
    }

    /**
     * Declares that no message waits for an answer: a relay, a collector of measurements, a feed. What handlers write
     * is not counted, and a connection moves at any time.
     */
    public MoveOptions oneWay() {
        return answers(Answers.NEVER_OWED, null);
    }

    /**
     * Declares that each answer is written, in as many writes as you like, before {@code channelRead} returns. What
     * handlers write besides is not an answer: what other threads write to a connection that has left fails with
     * {@link ConnectionMovedException}.
     */
    public MoveOptions answersOnLoop() {
        return answers(Answers.NEVER_OWED, null);
    }

    /**
     * Declares when no message waits for an answer. While it says no, further bytes are held back for short times, and
     * it is asked again.
     *
     * @param idle called on the channel's event loop; false for "not now"
     */
    public MoveOptions idleWhen(Predicate<? super Channel> idle) {
        return answers(Answers.PREDICATE, requireNonNull(idle, "idle"));
    }

    /**
     * Declares that pipelines change after the initializer built them (a PROXY header came, a login succeeded), and how
     * a new one comes to be like the old one. Without it a connection whose pipeline has changed stays, with the
     * difference as the reason.
     *
     * @param adjust called in the new process, on the event loop: after the initializer, with the
     *     {@linkplain #attribute attributes} set, before handlers get their states and hear of anything. If it throws,
     *     the connection is rejected
     */
    public MoveOptions rebuilt(Consumer<? super Channel> adjust) {
        return with(copy -> copy.rebuild = requireNonNull(adjust, "adjust"));
    }

    /**
     * Lets an attribute of the channel move along. Those that are set and not declared are named in the log once.
     *
     * @param save writes a value; called on the event loop
     * @param load reads what {@code save} of this or an older {@linkplain #version version} wrote; called on the event
     *     loop
     * @throws IllegalArgumentException if the key's name is longer than 200 bytes or so
     */
    public <T> MoveOptions attribute(
            AttributeKey<T> key,
            BiConsumer<? super T, ? super ByteBuf> save,
            Function<? super ByteBuf, ? extends T> load) {
        List<Attribute<?>> more = new ArrayList<>(attributes);
        more.add(new Attribute<>(key, requireNonNull(save, "save"), requireNonNull(load, "load")));
        return with(copy -> copy.attributes = more);
    }

    private MoveOptions answers(Answers known, @Nullable Predicate<? super Channel> predicate) {
        return with(copy -> {
            copy.answers = known;
            copy.idle = predicate;
        });
    }

    /**
     * Puts a handler in front of the author's, next to the socket; several stand in the order of these calls.
     *
     * @param handler makes one for each connection, as it is accepted or arrives
     */
    public MoveOptions inFront(Supplier<? extends MovableHandler> handler) {
        List<Supplier<? extends MovableHandler>> more = new ArrayList<>(inFront);
        more.add(handler);
        return with(copy -> copy.inFront = more);
    }

    /** The classes that were declared {@link #stateless}. */
    public Set<Class<?>> statelessClasses() {
        return stateless;
    }

    /** Adds the handlers that stand in front of the author's. */
    public void addFront(ChannelPipeline pipeline) {
        inFront.forEach(handler -> pipeline.addLast(handler.get()));
    }

    /** Whether handlers get their states back, and no {@code channelActive}. */
    public boolean isRestored() {
        return restored;
    }

    /** The version in which connections of this kind leave. */
    public int version() {
        return version;
    }

    /** Whether a connection that left in this version may arrive. */
    public boolean accepts(int unitVersion) {
        return unitVersion >= oldestVersion && unitVersion <= version;
    }

    /** The versions that may arrive, in words. */
    public String versions() {
        return oldestVersion == version ? "version " + version : "versions " + oldestVersion + " to " + version;
    }

    /** Whether the author has declared the class of this handler, or one that it extends. */
    public boolean isDeclared(ChannelHandler handler) {
        return declared.keySet().stream().anyMatch(type -> type.isInstance(handler));
    }

    /** Whether all that the author has declared of this handler says that it may move now. */
    public boolean isAtBoundary(ChannelHandler handler) {
        return declared.entrySet().stream()
                .filter(entry -> entry.getKey().isInstance(handler))
                .allMatch(entry -> entry.getValue().test(handler));
    }

    /** Whether the author makes a new pipeline like a changed one. */
    public boolean rebuilds() {
        return rebuild != null;
    }

    /** Makes the pipeline of a channel that arrives like the one that it had. */
    public void rebuild(Channel channel) {
        if (rebuild != null) {
            rebuild.accept(channel);
        }
    }

    /** The attributes that move along. */
    public List<Attribute<?>> attributes() {
        return attributes;
    }

    /** Whether messages and writes are to be counted. */
    public boolean countsAnswers() {
        return answers == Answers.COUNTED;
    }

    /** Whether the author's predicate, if there is one, says that no message waits for an answer. */
    public boolean isIdle(Channel channel) {
        return idle == null || idle.test(channel);
    }

    /**
     * An attribute of a channel that moves along, as the state of no handler: its name begins with {@value #PREFIX}.
     *
     * @param save writes a value; called on the channel's event loop
     * @param load reads it
     */
    public record Attribute<T>(
            AttributeKey<T> key,
            BiConsumer<? super T, ? super ByteBuf> save,
            Function<? super ByteBuf, ? extends T> load) {
        /** What the names of attributes begin with among the states of handlers. */
        public static final String PREFIX = "fd-netty attribute ";

        /** The version of the format in which values travel. */
        public static final int VERSION = 1;

        private static final int MOST_BYTES = 255;

        /** Netty's MQTT codec keeps the version of the protocol in one; by name, since its jar may be absent. */
        static final Attribute<Object> MQTT_VERSION =
                ofEnum("NETTY_CODEC_MQTT_VERSION", "io.netty.handler.codec.mqtt.MqttVersion");

        /** Checks the name. */
        public Attribute {
            if ((PREFIX + key.name()).getBytes(UTF_8).length > MOST_BYTES) {
                throw new IllegalArgumentException("the name of the attribute is too long: " + key.name());
            }
        }

        private static Attribute<Object> ofEnum(String name, String type) {
            return new Attribute<>(
                    AttributeKey.valueOf(name),
                    (value, out) -> out.writeCharSequence(((Enum<?>) value).name(), UTF_8),
                    in -> valueOf(type, in.toString(UTF_8)));
        }

        private static Object valueOf(String type, String name) {
            try {
                for (Object constant : Class.forName(type).getEnumConstants()) {
                    if (((Enum<?>) constant).name().equals(name)) {
                        return constant;
                    }
                }
            } catch (ClassNotFoundException e) {
                throw new IllegalStateException(e);
            }
            throw new IllegalArgumentException("there is no " + type + '.' + name);
        }

        /** The name of the value among the states of handlers. */
        public String stateName() {
            return PREFIX + key.name();
        }

        /** The value, as it travels, which the caller releases; null if it is not set. */
        @Nullable
        public ByteBuf save(Channel channel) {
            T value = channel.hasAttr(key) ? channel.attr(key).get() : null;
            if (value == null) {
                return null;
            }
            ByteBuf bytes = channel.alloc().buffer();
            try {
                save.accept(value, bytes);
                return bytes;
            } catch (Throwable e) {
                bytes.release();
                throw e;
            }
        }

        /** Sets the value that came along. */
        public void load(Channel channel, int version, ByteBuf bytes) {
            if (version != VERSION) {
                throw new IllegalArgumentException("it has version " + version + ", " + VERSION + " can be taken");
            }
            channel.attr(key).set(load.apply(bytes));
        }
    }
}
