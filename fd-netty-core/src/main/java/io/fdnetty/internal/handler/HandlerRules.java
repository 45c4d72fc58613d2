package io.fdnetty.internal.handler;

import io.fdnetty.internal.netty.Fields;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.handler.codec.ReplayingDecoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What is known about the classes of handlers, from {@link KnownHandlers} and from what they extend. */
public final class HandlerRules {
    private static final String CHANNEL = "io.netty.channel.";
    private static final String CODEC = "io.netty.handler.codec.";

    /** Classes of Netty's to extend, which know nothing (of a message) but their unread bytes. */
    private static final Set<String> BASES = Set.of(
            CODEC + "ByteToMessageDecoder",
            CODEC + "ByteToMessageCodec",
            CODEC + "ReplayingDecoder",
            CODEC + "MessageToByteEncoder",
            CODEC + "MessageToMessageCodec",
            CODEC + "MessageToMessageDecoder",
            CODEC + "MessageToMessageEncoder");

    private static final ClassValue<HandlerRule> RULES = new ClassValue<>() {
        @Override
        protected HandlerRule computeValue(Class<?> type) {
            return find(type);
        }
    };

    private HandlerRules() {}

    public static HandlerRule of(Class<?> type) {
        return RULES.get(type);
    }

    private static HandlerRule find(Class<?> type) {
        List<FieldCheck> checks = new ArrayList<>();
        List<Class<?>> own = new ArrayList<>();
        Verdict known = Verdict.COMPARED;
        for (Class<?> each = type; each != null && !isBase(each); each = each.getSuperclass()) {
            KnownHandlers.Known entry = KnownHandlers.of(each.getName());
            if (entry != null) {
                checks.addAll(entry.checks());
                known = known == Verdict.COMPARED ? entry.verdict() : known;
            } else if (known == Verdict.COMPARED && hasFields(each)) {
                own.add(each);
            }
        }
        boolean replaying = known == Verdict.COMPARED && ReplayingDecoder.class.isAssignableFrom(type);
        Verdict verdict = own.isEmpty() ? known : Verdict.COMPARED;
        return new HandlerRule(verdict, known, List.copyOf(checks), List.copyOf(own), replaying);
    }

    private static boolean hasFields(Class<?> type) {
        try {
            return Fields.of(type).stream().anyMatch(FieldTypes::mayChange);
        } catch (Fields.InaccessibleException e) {
            return true;
        }
    }

    /** Whether nothing from here on up needs a look. */
    private static boolean isBase(Class<?> type) {
        return type == Object.class || type.getName().startsWith(CHANNEL) || BASES.contains(type.getName());
    }

    /** Whether the name says no more about a handler than that it is one. */
    static boolean isBaseClass(Class<?> type) {
        return type.isInterface() || isBase(type);
    }

    /** Whether one instance serves many connections, so that its fields are no connection's own. */
    public static boolean isShared(ChannelHandler handler) {
        return handler.getClass().getDeclaredAnnotation(Sharable.class) != null;
    }
}
