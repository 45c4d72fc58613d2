package io.fdnetty.internal.capture;

import io.netty.handler.codec.ByteToMessageDecoder;
import java.lang.reflect.Method;

/** How many bytes a decoder has read and not decoded. */
public final class ReadableBytes {
    private ReadableBytes() {}

    public static int of(ByteToMessageDecoder decoder) throws ReflectiveOperationException {
        Method readable = ByteToMessageDecoder.class.getDeclaredMethod("actualReadableBytes");
        readable.setAccessible(true);
        return (int) readable.invoke(decoder);
    }
}
