package io.fdnetty.internal.sys;

import io.netty.util.internal.PlatformDependent;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.lang.reflect.Array;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * sendmsg, recvmsg and fcntl through {@code java.lang.foreign}, linked by name so that this compiles for Java 17.
 *
 * <p>Every handle takes the segment in which it leaves errno as its first argument. Pointers are passed as long, which
 * the calling conventions of Linux on x86_64 and aarch64 treat alike. Source: JEP 454.
 */
final class ForeignCalls {
    private static final int FIRST_JAVA = 22;

    private ForeignCalls() {}

    /** Why foreign calls cannot be made here, or null. The first call links. */
    static @Nullable Throwable unavailabilityCause() {
        try {
            requirePlatform();
            return Handles.SENDMSG == null ? new UnsatisfiedLinkError("sendmsg") : null;
        } catch (RuntimeException | LinkageError e) {
            return e;
        }
    }

    /** {@code ssize_t sendmsg(int, const struct msghdr *, int)}, or -1 with the errno in {@code state}. */
    static long sendmsg(Object state, int socket, long message, int flags) {
        try {
            return (long) Handles.SENDMSG.invokeExact(state, socket, message, flags);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** {@code ssize_t recvmsg(int, struct msghdr *, int)}, or -1 with the errno in {@code state}. */
    static long recvmsg(Object state, int socket, long message, int flags) {
        try {
            return (long) Handles.RECVMSG.invokeExact(state, socket, message, flags);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** {@code int fcntl(int, int, int)}, or -1 with the errno in {@code state}. */
    static int fcntl(Object state, int fd, int command, int argument) {
        try {
            return (int) Handles.FCNTL.invokeExact(state, fd, command, argument);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** The direct buffer as the segment in which the calls leave errno. */
    static Object stateIn(ByteBuffer buffer) {
        try {
            return Handles.SEGMENT_OF_BUFFER.invoke(null, buffer);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }

    private static void requirePlatform() {
        String arch = PlatformDependent.normalizedArch();
        boolean layoutKnown = "linux".equals(PlatformDependent.normalizedOs())
                && ("x86_64".equals(arch) || "aarch_64".equals(arch))
                && ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
        if (!layoutKnown) {
            throw new UnsupportedOperationException(
                    "struct msghdr is not known on " + PlatformDependent.normalizedOs() + " " + arch);
        }
        if (Runtime.version().feature() < FIRST_JAVA) {
            throw new UnsupportedOperationException("java.lang.foreign needs Java " + FIRST_JAVA);
        }
    }

    /** Linked when first used; constants, so that the compiler can see through them. */
    private static final class Handles {
        static final MethodHandle SENDMSG;
        static final MethodHandle RECVMSG;
        static final MethodHandle FCNTL;
        static final Method SEGMENT_OF_BUFFER;

        static {
            try {
                Linker linker = new Linker();
                SENDMSG = linker.link("sendmsg", long.class, -1, int.class, long.class, int.class);
                RECVMSG = linker.link("recvmsg", long.class, -1, int.class, long.class, int.class);
                FCNTL = linker.link("fcntl", int.class, 2, int.class, int.class, int.class);
                SEGMENT_OF_BUFFER = type("MemorySegment").getMethod("ofBuffer", java.nio.Buffer.class);
            } catch (ReflectiveOperationException e) {
                throw new LinkageError(e.toString(), e);
            }
        }
    }

    private static Class<?> type(String simpleName) throws ClassNotFoundException {
        return Class.forName("java.lang.foreign." + simpleName);
    }

    /** {@code java.lang.foreign.Linker}, by reflection. */
    private static final class Linker {
        private final Object linker = invoke(type("Linker"), "nativeLinker", null);
        private final Object lookup = invoke(type("Linker"), "defaultLookup", linker);
        private final Class<?> optionType = type("Linker$Option");
        private final Object captureErrno =
                optionType.getMethod("captureCallState", String[].class).invoke(null, (Object) new String[] {"errno"});

        Linker() throws ReflectiveOperationException {}

        MethodHandle link(String name, Class<?> result, int firstVariadic, Class<?>... parameters)
                throws ReflectiveOperationException {
            Optional<?> address = (Optional<?>)
                    type("SymbolLookup").getMethod("find", String.class).invoke(lookup, name);
            Object symbol = address.orElseThrow(() -> new UnsatisfiedLinkError(name));
            Object options = options(firstVariadic);
            Method downcall = type("Linker")
                    .getMethod("downcallHandle", type("MemorySegment"), type("FunctionDescriptor"), options.getClass());
            MethodHandle handle =
                    (MethodHandle) downcall.invoke(linker, symbol, signature(result, parameters), options);
            return handle.asType(MethodType.methodType(result, parameters).insertParameterTypes(0, Object.class));
        }

        private Object options(int firstVariadic) throws ReflectiveOperationException {
            Object options = Array.newInstance(optionType, firstVariadic < 0 ? 1 : 2);
            Array.set(options, 0, captureErrno);
            if (firstVariadic >= 0) {
                Method variadic = optionType.getMethod("firstVariadicArg", int.class);
                Array.set(options, 1, variadic.invoke(null, firstVariadic));
            }
            return options;
        }

        private static Object signature(Class<?> result, Class<?>... parameters) throws ReflectiveOperationException {
            Object layouts = Array.newInstance(type("MemoryLayout"), parameters.length);
            for (int i = 0; i < parameters.length; i++) {
                Array.set(layouts, i, layout(parameters[i]));
            }
            return type("FunctionDescriptor")
                    .getMethod("of", type("MemoryLayout"), layouts.getClass())
                    .invoke(null, layout(result), layouts);
        }

        private static Object layout(Class<?> primitive) throws ReflectiveOperationException {
            return type("ValueLayout")
                    .getField(primitive == long.class ? "JAVA_LONG" : "JAVA_INT")
                    .get(null);
        }

        private static Object invoke(Class<?> type, String method, @Nullable Object target)
                throws ReflectiveOperationException {
            return type.getMethod(method).invoke(target);
        }
    }
}
