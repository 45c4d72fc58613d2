package io.fdnetty.examples.pass;

import io.fdnetty.examples.ProgramException;
import io.fdnetty.fd.Descriptor;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * What is to be passed: open files, or a connection. It owns them, and keeps them open until it is closed, which is
 * after they were written.
 *
 * <p>What it lends is as the JDK opened it: files for reading, at their start, connections blocking. Used by one
 * thread.
 */
final class Parcel implements AutoCloseable {
    private final List<AutoCloseable> open = new ArrayList<>();
    private final List<Supplier<Descriptor>> lenders = new ArrayList<>();

    /** Opens files for reading; if one cannot be opened, none is. */
    static Parcel ofFiles(List<Path> files) {
        Parcel parcel = new Parcel();
        try {
            for (Path file : files) {
                parcel.add(
                        new FileInputStream(file.toFile()), file.getFileName().toString());
            }
            return parcel;
        } catch (FileNotFoundException e) {
            parcel.close();
            throw new ProgramException("cannot open " + e.getMessage(), e);
        } catch (IOException | RuntimeException e) {
            parcel.close();
            throw new ProgramException(String.valueOf(e.getMessage()), e);
        }
    }

    /** Takes ownership of a connection. */
    static Parcel ofConnection(SocketChannel connection, String name) {
        Parcel parcel = new Parcel();
        parcel.open.add(connection);
        parcel.lenders.add(() -> Descriptor.borrow(RawDescriptor.of(connection), name));
        return parcel;
    }

    private void add(FileInputStream file, String name) throws IOException {
        open.add(file);
        io.netty.channel.unix.FileDescriptor descriptor = RawDescriptor.of(file);
        lenders.add(() -> Descriptor.borrow(descriptor, name));
    }

    /** Lends everything, to be written while this is open. */
    List<Descriptor> lend() {
        return lenders.stream().map(Supplier::get).toList();
    }

    @Override
    public void close() {
        for (AutoCloseable resource : open) {
            try {
                resource.close();
            } catch (Exception e) {
                throw new ProgramException("cannot close what was passed: " + e.getMessage(), e);
            }
        }
    }
}
