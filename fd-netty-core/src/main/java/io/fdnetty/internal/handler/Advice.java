package io.fdnetty.internal.handler;

import io.fdnetty.internal.gate.Refusal;
import io.fdnetty.move.MoveOptions;
import io.netty.channel.ChannelHandler;
import io.netty.handler.codec.ReplayingDecoder;
import io.netty.util.internal.StringUtil;
import org.jspecify.annotations.Nullable;

/** What authors are told about handlers that keep their connections from moving: what it is, and which line helps. */
public final class Advice {
    private Advice() {}

    /** The class as it is written in the source of another one. */
    public static String nameOf(Class<?> type) {
        return StringUtil.simpleClassName(type).replace('$', '.');
    }

    public static String onStaying(Class<?> type) {
        return nameOf(type) + " keeps what cannot be taken out of it, and its connection stays";
    }

    public static Refusal onDifference(ChannelHandler handler, FieldSnapshot.Difference difference) {
        String name = nameOf(handler.getClass());
        String field = name + '.' + difference.path();
        String lines = "; " + declarations(handler.getClass());
        return switch (difference.kind()) {
            case CHANGED ->
                Refusal.later(field + " has changed since it was added: it does not move in this state" + lines);
            case VARIES ->
                Refusal.never(field + " differs from one connection to another, so it tells nothing: make it final"
                        + or(lines));
            case OPAQUE -> Refusal.never(field + " is a " + difference.type() + ", whose state cannot be seen" + lines);
            case UNMEASURABLE -> Refusal.never(name + " cannot be compared with a new one" + lines);
            case LATECOMER ->
                Refusal.later(name + " was added after the initializer, so nobody knows how a new one looks" + lines);
        };
    }

    private static String or(String lines) {
        return lines.replace("; ", ", or ");
    }

    /**
     * Refuses declarations that cannot be true.
     *
     * @throws IllegalArgumentException with what to do instead
     */
    public static void check(MoveOptions options) {
        for (Class<?> type : options.statelessClasses()) {
            String refusal = refusalOfStateless(type);
            if (refusal != null) {
                throw new IllegalArgumentException(refusal);
            }
        }
    }

    /**
     * Why {@link MoveOptions#stateless} would be a lie about this class, and what to do instead; null if it may be
     * true.
     */
    public static @Nullable String refusalOfStateless(Class<?> type) {
        String name = nameOf(type);
        if (HandlerRules.isBaseClass(type)) {
            return "stateless(" + name + ".class) would be about too many handlers: name the class of yours";
        }
        if (type.getName().startsWith(KnownHandlers.TLS)) {
            return "TLS connections are not moved yet: " + name + " cannot be declared";
        }
        return switch (HandlerRules.of(type).known()) {
            case STAYS -> onStaying(type) + ": it cannot be declared stateless";
            case BETWEEN_MESSAGES -> onBetweenMessages(type, name);
            case COMPARED -> ReplayingDecoder.class.isAssignableFrom(type) ? onReplaying(name) : null;
            case ANY_BYTE, PLAIN -> null;
        };
    }

    private static String onBetweenMessages(Class<?> type, String name) {
        boolean isHttp = type.getName().startsWith("io.netty.handler.codec.http.Http");
        return name + " knows more than its unread bytes within a message, so it is not stateless. It moves between"
                + " messages without a declaration; for further conditions there is statelessWhen"
                + (isHttp ? ", for busy connections HttpBoundary" : "");
    }

    private static String onReplaying(String name) {
        return name
                + " is a ReplayingDecoder, which knows more than its unread bytes after a checkpoint. It"
                + " moves without a"
                + " declaration while its state is that of a new one; otherwise say when: statelessWhen(" + name
                + ".class, ...)";
    }

    /** The lines that an author may add for this class. */
    static String declarations(Class<?> type) {
        String name = nameOf(type);
        String when = "statelessWhen(" + name + ".class, ...)";
        String movable = "let it be a MovableHandler";
        return refusalOfStateless(type) != null
                ? "declare " + when + ", or " + movable
                : "declare stateless(" + name + ".class), or statelessWhen, or " + movable;
    }
}
