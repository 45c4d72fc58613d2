package io.fdnetty.examples.pass;

import io.fdnetty.examples.ProgramException;
import io.netty.channel.unix.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.nio.channels.SocketChannel;

/**
 * Finds the number of a descriptor that the JDK opened.
 *
 * <p>The JDK keeps it to itself, and Netty can only open files for writing; so the manifest of the jar opens
 * {@code java.io} and {@code sun.nio.ch} to this program ({@code Add-Opens}). The descriptor stays the JDK object's,
 * which has to be reachable, and not closed, as long as the number is in use.
 */
final class RawDescriptor {
    private RawDescriptor() {}

    static FileDescriptor of(FileInputStream file) throws IOException {
        return new FileDescriptor(number(file.getFD()));
    }

    static FileDescriptor of(SocketChannel connection) {
        java.io.FileDescriptor descriptor = (java.io.FileDescriptor) read(connection.getClass(), "fd", connection);
        return new FileDescriptor(number(descriptor));
    }

    private static int number(java.io.FileDescriptor descriptor) {
        return (int) read(java.io.FileDescriptor.class, "fd", descriptor);
    }

    private static Object read(Class<?> type, String name, Object object) {
        try {
            Field field = type.getDeclaredField(name);
            field.setAccessible(true);
            return field.get(object);
        } catch (InaccessibleObjectException | ReflectiveOperationException e) {
            String opens = type.getPackageName() + "=ALL-UNNAMED";
            throw new ProgramException(
                    "this Java runtime does not show its descriptors: run the program with java -jar, or"
                            + " with --add-opens"
                            + " java.base/" + opens,
                    e);
        }
    }
}
