package io.fdnetty.internal.netty;

import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads private fields of handlers: those of Netty's by name, those of the author's all. */
public final class Fields {
    private static final ClassValue<List<Field>> OWN = new ClassValue<>() {
        @Override
        protected List<Field> computeValue(Class<?> type) {
            return find(type);
        }
    };

    private Fields() {}

    /** The field cannot be read, since its module is not opened to this one. */
    public static final class InaccessibleException extends RuntimeException {
        private static final long serialVersionUID = 1;

        private InaccessibleException(Class<?> type, @Nullable Throwable cause) {
            super("the fields of " + type.getName() + " cannot be read; run with --add-opens " + opens(type), cause);
        }

        private static String opens(Class<?> type) {
            Module ours = Fields.class.getModule();
            return type.getModule().getName()
                    + '/'
                    + type.getPackageName()
                    + '='
                    + (ours.isNamed() ? ours.getName() : "ALL-UNNAMED");
        }
    }

    /**
     * The instance fields that this class itself declares, but for the reference to the instance that encloses it.
     *
     * @throws InaccessibleException if they cannot be read
     */
    public static List<Field> of(Class<?> type) {
        return OWN.get(type);
    }

    private static List<Field> find(Class<?> type) {
        List<Field> fields = Arrays.stream(type.getDeclaredFields())
                .filter(field -> !Modifier.isStatic(field.getModifiers()))
                .filter(field -> !(field.isSynthetic() && field.getName().startsWith("this$")))
                .toList();
        try {
            fields.forEach(field -> field.setAccessible(true));
        } catch (InaccessibleObjectException | SecurityException e) {
            throw new InaccessibleException(type, e);
        }
        return fields;
    }

    /**
     * The value of the field of this name, in the class of the object or the nearest superclass that has it.
     *
     * @throws InaccessibleException if it cannot be read
     */
    public static @Nullable Object read(Object object, String name) {
        for (Class<?> type = object.getClass(); type != null; type = type.getSuperclass()) {
            for (Field field : of(type)) {
                if (field.getName().equals(name)) {
                    return get(field, object);
                }
            }
        }
        throw new IllegalStateException(object.getClass().getName() + " has no field " + name);
    }

    public static @Nullable Object get(Field field, Object object) {
        try {
            return field.get(object);
        } catch (IllegalAccessException e) {
            throw new InaccessibleException(field.getDeclaringClass(), e);
        }
    }

    /** A value in a word: of a primitive, its text; of an enum, its name; of a collection, {@code size n}. */
    public static String describe(@Nullable Object value) {
        if (value == null) {
            return "null";
        }
        if (value instanceof Enum<?> constant) {
            return constant.name();
        }
        if (value instanceof Collection<?> collection) {
            return "size " + collection.size();
        }
        if (value instanceof Map<?, ?> map) {
            return "size " + map.size();
        }
        return value instanceof Number || value instanceof Boolean ? value.toString() : "set";
    }
}
