package io.fdnetty.internal.handler;

import io.netty.channel.Channel;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What can be reached from the author's initializer before it builds its first pipeline: services, registries,
 * counters. Nothing of it is the state of one connection.
 */
final class SharedObjects {
    private static final int MAX_OBJECTS = 5000;
    private static final int MAX_ELEMENTS = 100;

    private final Set<Object> found = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Deque<Object> open = new ArrayDeque<>();

    private SharedObjects() {}

    /** Looks from this object on. */
    static Set<Object> from(Object root) {
        SharedObjects objects = new SharedObjects();
        objects.add(root);
        while (!objects.open.isEmpty() && objects.found.size() < MAX_OBJECTS) {
            objects.expand(objects.open.remove());
        }
        return objects.found;
    }

    private void add(@Nullable Object object) {
        if (object != null
                && !FieldTypes.isImmutable(object)
                && !FieldTypes.isIgnored(object.getClass())
                && found.add(object)) {
            open.add(object);
        }
    }

    private void expand(Object object) {
        if (object instanceof Collection<?>
                || object instanceof Map<?, ?>
                || object.getClass().isArray()) {
            addElements(object);
        } else {
            for (Class<?> type = object.getClass();
                    type != null && !FieldTypes.isOfJdk(type);
                    type = type.getSuperclass()) {
                addFields(type, object);
            }
        }
    }

    private void addElements(Object container) {
        try {
            elements(container).stream().limit(MAX_ELEMENTS).forEach(this::add);
        } catch (RuntimeException e) {
            return; // it is being changed, or does not like to be looked at
        }
    }

    private static Collection<?> elements(Object container) {
        if (container instanceof Object[] array) {
            return Arrays.asList(array);
        }
        if (container instanceof Map<?, ?> map) {
            return map.values();
        }
        return container instanceof Collection<?> collection ? collection : List.of();
    }

    private void addFields(Class<?> type, Object object) {
        for (Field field : type.getDeclaredFields()) {
            if (!field.getType().isPrimitive() && !Channel.class.isAssignableFrom(field.getType())) {
                try {
                    field.setAccessible(true);
                    add(field.get(Modifier.isStatic(field.getModifiers()) ? null : object));
                } catch (IllegalAccessException | RuntimeException e) {
                    return; // in a module that is not open
                }
            }
        }
    }
}
