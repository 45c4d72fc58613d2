package io.fdnetty;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fdnetty.testing.HalfClosedClientMain;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The library and Netty as named modules: what a client sees where Netty's private fields are out of reach. */
@Timeout(60)
class ModulePathTest {
    private static final String OPEN = "io.netty.transport.classes.epoll/io.netty.channel.epoll=io.fdnetty.core";

    @TempDir
    private Path directory;

    @Test
    void withNettyOpenedAHalfClosedClientGetsAllOfABigAnswer() throws Exception {
        assertThat(run(List.of("--add-opens", OPEN))).contains("got=all");
    }

    @Test
    void withNettyClosedAnAnswerThatIsCutEndsWithAReset() throws Exception {
        assertThat(run(List.of())).contains("got=reset");
    }

    private String run(List<String> options) throws Exception {
        Path library = Path.of(Upgrader.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        assumeTrue(
                Files.isRegularFile(library) || Files.exists(library.resolve("module-info.class")),
                "needs the library with its module descriptor, as Maven compiles it");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-p", library + File.pathSeparator + modules()));
        command.addAll(List.of("--add-modules", "io.fdnetty.core,io.netty.transport.classes.epoll"));
        command.addAll(List.of("-cp", classPath(library)));
        command.addAll(List.of(
                HalfClosedClientMain.class.getName(), directory.resolve("s").toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        return new String(process.getInputStream().readAllBytes(), UTF_8);
    }

    private static String modules() {
        return entries().filter(ModulePathTest::isModule).collect(Collectors.joining(File.pathSeparator));
    }

    /** The native libraries stay here: they are found as resources. */
    private static String classPath(Path library) {
        return entries()
                .filter(entry -> !isModule(entry) && !Path.of(entry).equals(library))
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static boolean isModule(String entry) {
        String name = Path.of(entry).getFileName().toString();
        return name.startsWith("netty-") && !name.contains("-linux-") && !name.contains("-osx-");
    }

    private static Stream<String> entries() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator));
    }
}
