package io.fdnetty.examples.process;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How this process was started, so that a successor can be started in the same way. Immutable; made when the process
 * starts, before somebody renames the files that its output goes to.
 */
public final class OwnCommand {
    private static final Logger logger = LoggerFactory.getLogger(OwnCommand.class);

    private final Output out;
    private final Output err;

    private OwnCommand(Output out, Output err) {
        this.out = out;
        this.err = err;
    }

    public static OwnCommand remember() {
        return new OwnCommand(Output.of(1), Output.of(2));
    }

    /**
     * The same command line and the same standard streams. Links in the command line, the one to {@code java} too, lead
     * where they lead now; a file of standard output or standard error that has been renamed or removed since the start
     * is opened anew.
     */
    public ProcessBuilder again() {
        return new ProcessBuilder(JavaRuntime.sameCommandLine())
                .inheritIO()
                .redirectOutput(out.now())
                .redirectError(err.now());
    }

    /**
     * A standard stream of this process.
     *
     * @param descriptor where the kernel shows it
     * @param file the name that its file had at the start; null if it is no file, or where the kernel does not tell
     */
    private record Output(Path descriptor, @Nullable Path file) {
        static Output of(int number) {
            Path descriptor = Path.of("/proc/self/fd", String.valueOf(number));
            try {
                Path file = Files.isRegularFile(descriptor) ? Files.readSymbolicLink(descriptor) : null;
                return new Output(descriptor, file != null && Files.isSameFile(file, descriptor) ? file : null);
            } catch (IOException notLinux) {
                return new Output(descriptor, null);
            }
        }

        Redirect now() {
            if (file == null || isStillThere(file)) {
                return Redirect.INHERIT;
            }
            try {
                Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)
                        .close();
                return Redirect.appendTo(file.toFile());
            } catch (IOException e) {
                logger.warn("{} is gone and cannot be opened anew: {}; the successor goes on in the old file", file, e);
                return Redirect.INHERIT;
            }
        }

        private boolean isStillThere(Path name) {
            try {
                return Files.isSameFile(name, descriptor);
            } catch (IOException gone) {
                return false;
            }
        }
    }
}
