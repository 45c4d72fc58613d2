package io.fdnetty.testsuite.fault;

import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.testsuite.fault.FaultTable.Cell;
import io.fdnetty.testsuite.fault.Strike.Kind;
import io.fdnetty.testsuite.process.Jdks;
import io.fdnetty.testsuite.process.Programs;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Starts {@link FaultServer}s. All their classes come from jars, which stay open: a process without descriptors can
 * load one more. A shared archive of these classes spares each of the hundreds of processes most of its start.
 */
final class FaultServers {
    private static final Path EXAMPLES = Path.of(System.getProperty("fdnetty.examples.jar", "fd-netty-examples.jar"));
    private static final List<Class<?>> OWN = List.of(FaultServer.class, Strike.class, Answer.class);
    private static final Duration NEVER = Duration.ofSeconds(20);
    private static final Duration SOON = Duration.ofSeconds(3);
    private static final Duration DRAIN = Duration.ofSeconds(1);
    private static final Duration LONG_DRAIN = Duration.ofSeconds(10);

    private final Programs programs;
    private final Path jar;
    private final Path archive;

    FaultServers(Programs programs) throws IOException {
        this.programs = programs;
        jar = programs.path("fault.jar");
        archive = programs.path("fault.jsa");
        writeJar();
    }

    private void writeJar() throws IOException {
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file)) {
            for (Class<?> each : OWN) {
                add(each.getName(), out);
                for (Class<?> inner : each.getDeclaredClasses()) {
                    add(inner.getName(), out);
                }
            }
            add(Strike.class.getName() + "$1", out); // a switch on an enum needs one
        }
    }

    private static void add(String className, JarOutputStream out) throws IOException {
        String name = className.replace('.', '/') + ".class";
        try (InputStream bytes = FaultServers.class.getClassLoader().getResourceAsStream(name)) {
            if (bytes != null) {
                out.putNextEntry(new JarEntry(name));
                bytes.transferTo(out);
            }
        }
    }

    /** One that tells every point it passes, and leaves the archive for those after it. */
    ChildProcess recorder(String socket, int port, boolean together) {
        List<String> options = new ArrayList<>(List.of("-D" + Strike.AT + "=" + Strike.ALL));
        if (!Files.exists(archive)) {
            options.add("-XX:ArchiveClassesAtExit=" + archive);
        }
        return start("recorder", options, socket, port, NEVER, DRAIN, together);
    }

    /**
     * One that is struck as the cell says, or, without one, never.
     *
     * @param waits the cell in which it waits for the other process
     */
    ChildProcess server(
            String name, @Nullable Cell struck, String socket, int port, @Nullable Cell waits, boolean together) {
        List<String> options = new ArrayList<>();
        if (Files.exists(archive)) {
            options.add("-XX:SharedArchiveFile=" + archive);
        }
        if (struck != null) {
            options.add("-D" + Strike.AT + "=" + struck.at());
            options.add("-D" + Strike.KIND + "=" + struck.kind());
            options.add("-D" + Strike.TIMES + "=" + struck.times());
        }
        return start(name, options, socket, port, waits(waits), drain(waits), together);
    }

    /**
     * How long the processes of a cell wait for each other: no longer than needed where one hangs, else as good as for
     * ever.
     */
    private static Duration waits(@Nullable Cell cell) {
        return cell != null && (cell.kind() == Kind.STOP || cell.kind().isOfLoop()) ? SOON : NEVER;
    }

    /** What is rejected while an event loop is busy is offered again a little later. */
    private static Duration drain(@Nullable Cell cell) {
        return cell != null && cell.kind() == Kind.BUSY ? LONG_DRAIN : DRAIN;
    }

    private ChildProcess start(
            String name,
            List<String> options,
            String socket,
            int port,
            Duration wait,
            Duration drain,
            boolean together) {
        List<String> command = new ArrayList<>();
        command.add(Jdks.current().executable().toString());
        command.addAll(
                List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx64m", "-Xshare:auto", "-Xlog:disable"));
        command.add("-Dio.fdnetty.faults=" + Strike.class.getName());
        command.addAll(options);
        command.addAll(List.of("-cp", EXAMPLES.toAbsolutePath() + ":" + jar, FaultServer.class.getName()));
        command.addAll(List.of(
                programs.path(socket).toString(),
                String.valueOf(port),
                String.valueOf(wait.toMillis()),
                String.valueOf(drain.toMillis()),
                String.valueOf(together)));
        return programs.command(name, command);
    }
}
