package io.fdnetty.internal.handler;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.group.ChannelGroup;
import io.netty.util.Timeout;
import io.netty.util.Timer;
import io.netty.util.internal.logging.InternalLogger;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.Checksum;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** What the types of fields mean to a {@link FieldWalk}. */
public final class FieldTypes {
    /** Arrays up to this length are compared by what they hold, longer ones (read buffers) by their length. */
    private static final int MAX_HASHED = 1024;

    /** What belongs to the channel or to the program, not to the state of a handler. */
    private static final List<Class<?>> IGNORED = List.of(
            Channel.class,
            ChannelConfig.class,
            ChannelHandlerContext.class,
            ChannelPipeline.class,
            ChannelGroup.class,
            Executor.class,
            Future.class,
            CompletionStage.class,
            Timer.class,
            java.util.Timer.class,
            Timeout.class,
            ByteBufAllocator.class,
            InternalLogger.class,
            System.Logger.class,
            Thread.class,
            ThreadLocal.class,
            ClassLoader.class,
            Class.class,
            Reference.class,
            MethodHandle.class,
            VarHandle.class,
            Random.class);

    private static final List<String> LOGGERS = List.of(
            "org.slf4j.",
            "ch.qos.logback.",
            "java.util.logging.",
            "org.apache.logging.",
            "org.apache.commons.logging.");

    /**
     * Classes of the JDK whose objects have a state that none of their methods tells; by name, for their modules' sake.
     */
    private static final List<String> OPAQUE = List.of(
            "javax.crypto.Cipher",
            "javax.crypto.Mac",
            "javax.net.ssl.SSLEngine",
            "java.security.MessageDigest",
            "java.security.Signature");

    private FieldTypes() {}

    static boolean isIgnored(Class<?> type) {
        return IGNORED.stream().anyMatch(ignored -> ignored.isAssignableFrom(type))
                || LOGGERS.stream().anyMatch(type.getName()::startsWith);
    }

    /** Whether the field may hold something else later than when its object was new. */
    public static boolean mayChange(Field field) {
        Class<?> type = field.getType();
        boolean isConstant =
                Modifier.isFinal(field.getModifiers()) && (type.isPrimitive() || type.isEnum() || type == String.class);
        return !isConstant && !isIgnored(type);
    }

    static boolean isOfJdk(Class<?> type) {
        ClassLoader loader = type.getClassLoader();
        return type.isArray() || loader == null || loader == ClassLoader.getPlatformClassLoader();
    }

    /** Whether it never changes, so that the object itself can be kept. */
    static boolean isImmutable(Object value) {
        return value instanceof String
                || value instanceof Boolean
                || value instanceof Character
                || value instanceof Enum<?>
                || value instanceof InetAddress
                || value instanceof SocketAddress
                || (value instanceof Number && value instanceof Comparable<?> && isOfJdk(value.getClass()))
                || value instanceof java.util.UUID
                || value instanceof java.time.temporal.TemporalAccessor
                || value instanceof java.time.temporal.TemporalAmount;
    }

    /** Whether what counts is how much it holds. */
    static boolean isContainer(Object value) {
        return value instanceof Collection<?> || value instanceof Map<?, ?> || value instanceof CharSequence;
    }

    /** What a snapshot keeps of a mutable object that is not walked into. */
    static Object leafOf(Object value) {
        if (value instanceof ByteBuf buffer) {
            return "bytes " + (buffer.refCnt() == 0 ? 0 : buffer.readableBytes());
        }
        if (value.getClass().isArray()) {
            return leafOfArray(value);
        }
        if (value instanceof Collection<?> collection) {
            return "size " + collection.size();
        }
        if (value instanceof Map<?, ?> map) {
            return "size " + map.size();
        }
        return leafOfJdk(value);
    }

    private static String leafOfArray(Object array) {
        int length = Array.getLength(array);
        boolean isPrimitive = array.getClass().getComponentType().isPrimitive();
        return "length " + length + (isPrimitive && length <= MAX_HASHED ? " hash " + hash(array) : "");
    }

    private static int hash(Object primitives) {
        return Arrays.deepHashCode(new Object[] {primitives});
    }

    private static Object leafOfJdk(Object value) {
        if (value instanceof Number || value instanceof AtomicBoolean || value instanceof BitSet) {
            return value.toString();
        }
        if (value instanceof CharSequence text) {
            return "length " + text.length();
        }
        if (value instanceof Optional<?> optional) {
            return "present " + optional.isPresent();
        }
        return leafOfCodec(value);
    }

    private static Object leafOfCodec(Object value) {
        if (value instanceof Checksum checksum) {
            return checksum.getValue();
        }
        if (value instanceof Inflater inflater) {
            return inflater.getBytesRead();
        }
        if (value instanceof Deflater deflater) {
            return deflater.getBytesRead();
        }
        return isOpaque(value.getClass())
                ? new FieldSnapshot.Opaque(value.getClass().getSuperclass().getSimpleName())
                : value.getClass().getName();
    }

    private static boolean isOpaque(Class<?> type) {
        for (Class<?> each = type; each != null; each = each.getSuperclass()) {
            if (OPAQUE.contains(each.getName())) {
                return true;
            }
        }
        return false;
    }
}
