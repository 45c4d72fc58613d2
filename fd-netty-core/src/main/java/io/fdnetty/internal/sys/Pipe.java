package io.fdnetty.internal.sys;

import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;

/**
 * A new pipe whose ends do not block.
 *
 * @param readEnd the caller owns it
 * @param writeEnd the caller owns it; closed on exec where the carrier can
 */
public record Pipe(FileDescriptor readEnd, FileDescriptor writeEnd) {
    /** Opens one. */
    public static Pipe open() throws IOException {
        Kernel kernel = Carrier.kernel();
        FileDescriptor[] ends = FileDescriptor.pipe();
        kernel.closeOnExec(ends[0]);
        kernel.closeOnExec(ends[1]);
        return new Pipe(ends[0], ends[1]);
    }
}
