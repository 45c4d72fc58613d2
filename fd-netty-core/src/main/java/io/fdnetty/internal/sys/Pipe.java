package io.fdnetty.internal.sys;

import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

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

    /**
     * Whether the descriptor is an end of a pipe that has no name. Where the platform does not tell, true. Source:
     * proc_pid_fd(5).
     */
    public static boolean is(FileDescriptor fd) {
        try {
            Path link = Path.of("/proc/self/fd", String.valueOf(fd.intValue()));
            return !Files.isSymbolicLink(link)
                    || Files.readSymbolicLink(link).toString().startsWith("pipe:[");
        } catch (IOException unreadable) {
            return true;
        }
    }
}
