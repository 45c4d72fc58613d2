package io.fdnetty.internal.handler;

import io.fdnetty.internal.netty.Fields;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Takes a {@link FieldSnapshot} of one handler: of its own fields, and of those of the objects behind them, a few steps
 * deep. On the event loop of the handler's channel.
 */
final class FieldWalk {
    private static final int MAX_DEPTH = 3;
    private static final int MAX_LEAVES = 1000;

    private final Map<String, Object> leaves = new LinkedHashMap<>();
    private final Map<String, Integer> identities = new HashMap<>();
    private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    private final BiPredicate<String, Object> shared;

    private FieldWalk(Set<ChannelHandler> pipeline, BiPredicate<String, Object> shared) {
        this.shared = shared;
        seen.addAll(pipeline);
    }

    /**
     * Looks at the fields that the rule names.
     *
     * @param pipeline the handlers of the channel, each of which is looked at by itself
     * @param shared whether what stands at a path is no handler's own
     * @throws Fields.InaccessibleException if the handler's fields cannot be read
     */
    static FieldSnapshot of(
            ChannelHandler handler,
            HandlerRule rule,
            Set<ChannelHandler> pipeline,
            BiPredicate<String, Object> shared) {
        FieldWalk walk = new FieldWalk(pipeline, shared);
        for (Class<?> type : rule.own()) {
            walk.visitFields("", type, handler, 0);
        }
        if (rule.replaying()) {
            walk.visit("state", Fields.read(handler, "state"), 0);
        }
        return new FieldSnapshot(walk.leaves, walk.identities);
    }

    private void visitFields(String prefix, Class<?> type, Object object, int depth) {
        for (Field field : Fields.of(type)) {
            if (!FieldTypes.isIgnored(field.getType())) {
                Object value = Fields.get(field, object);
                boolean isConstant =
                        Modifier.isFinal(field.getModifiers()) && (value == null || FieldTypes.isImmutable(value));
                if (!isConstant) {
                    visit(prefix + field.getName(), value, depth);
                }
            }
        }
    }

    private void visit(String path, @Nullable Object value, int depth) {
        if (leaves.size() >= MAX_LEAVES || (value != null && FieldTypes.isIgnored(value.getClass()))) {
            return;
        }
        if (value == null || FieldTypes.isImmutable(value)) {
            leaves.put(path, value == null ? "null" : value);
        } else if (shared.test(path, value)) {
            leaves.put(path, new FieldSnapshot.Shared(System.identityHashCode(value)));
        } else if (seen.add(value)) {
            identities.put(path, System.identityHashCode(value));
            visitMutable(path, value, depth);
        }
    }

    private void visitMutable(String path, Object value, int depth) {
        if (value instanceof AtomicReference<?> reference) {
            visit(path, reference.get(), depth);
        } else if (FieldTypes.isOfJdk(value.getClass()) || value instanceof ByteBuf || FieldTypes.isContainer(value)) {
            leaves.put(path, FieldTypes.leafOf(value));
        } else {
            leaves.put(path, value.getClass().getName());
            if (depth < MAX_DEPTH) {
                descend(path + '.', value, depth + 1);
            }
        }
    }

    private void descend(String prefix, Object object, int depth) {
        for (Class<?> type : superclasses(object)) {
            try {
                visitFields(prefix, type, object, depth);
            } catch (Fields.InaccessibleException e) {
                return; // its class is all that is known
            }
        }
    }

    private static List<Class<?>> superclasses(Object object) {
        List<Class<?>> types = new ArrayList<>(2);
        for (Class<?> type = object.getClass();
                type != null && !FieldTypes.isOfJdk(type);
                type = type.getSuperclass()) {
            types.add(type);
        }
        return types;
    }
}
