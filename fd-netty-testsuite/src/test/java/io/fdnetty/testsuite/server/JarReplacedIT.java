package io.fdnetty.testsuite.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.testsuite.demo.StreamingClients;
import io.fdnetty.testsuite.process.Jdks;
import io.fdnetty.testsuite.process.Programs;
import io.fdnetty.testsuite.server.TroubledServer.Trouble;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The jar of a running server is written over, as {@code cp new.jar running.jar} does: what it has not loaded by then
 * it cannot load.
 */
class JarReplacedIT {
    private static final Duration LIMIT = Duration.ofSeconds(40);
    private static final int CLIENTS = 200;
    private static final Pattern LOADED = Pattern.compile("\\] ([\\w.$]+) source: (?!jrt:)\\S+$");

    @RegisterExtension
    final Programs programs = new Programs();

    @Test
    @Tag("long")
    void itHandsOverAllTheSame() throws Exception {
        Path jar = copyOfTheJar();
        ChildProcess first = echo("first", jar);
        try (StreamingClients clients = StreamingClients.start(port(first), CLIENTS)) {
            clients.awaitProgress(CLIENTS);
            writeOver(jar);

            ChildProcess second = echo("second", Programs.jar());
            second.await("ready", LIMIT);

            assertThat(first.await("handed-over", LIMIT).line().number("moved")).isGreaterThanOrEqualTo(CLIENTS);
            assertThat(first.awaitExit(LIMIT)).isZero();
            assertThat(first.output()).doesNotContain("NoClassDefFoundError", "ClassNotFound");
            clients.awaitProgress(CLIENTS);
            clients.assertNothingNoticed();
        }
    }

    /** What was on its way comes back, and the next one succeeds. */
    @Test
    @Tag("long")
    void itTakesBackWhatASuccessorThatDiesDidNotAcknowledge() throws Exception {
        Path jar = copyOfTheJar();
        ChildProcess first = programs.mainWith(
                "first",
                jar,
                List.of(),
                TroubledServer.class,
                programs.path("s").toString(),
                "NONE",
                "0");
        try (StreamingClients clients = StreamingClients.start(port(first), CLIENTS)) {
            clients.awaitProgress(CLIENTS);
            writeOver(jar);

            ChildProcess second = troubled("second", Trouble.CRASH_AMONG_CONNECTIONS);
            assertThat(second.awaitExit(LIMIT)).isEqualTo(9);
            first.await("upgrade-failed", LIMIT);
            ChildProcess third = troubled("third", Trouble.NONE);
            third.await("ready", LIMIT);
            assertThat(first.awaitExit(LIMIT)).isZero();

            assertThat(first.output()).doesNotContain("NoClassDefFoundError", "ClassNotFound");
            clients.awaitProgress(CLIENTS);
            clients.assertSurvivorsNoticedNothing();
        }
    }

    private ChildProcess troubled(String name, Trouble trouble) {
        return programs.main(
                name,
                Jdks.current(),
                TroubledServer.class,
                programs.path("s").toString(),
                trouble.name(),
                String.valueOf(CLIENTS / 2));
    }

    @Test
    @Tag("long")
    void anUpgradeThatFailsNamesTheJarThatWasWrittenOver() throws Exception {
        Path jar = copyOfTheJar();
        ChildProcess first = echo("first", jar);
        first.await("ready", LIMIT);
        writeOver(jar);

        ChildProcess other = programs.jar(
                "other",
                Jdks.current(),
                "chat",
                "--port",
                "0",
                "--upgrade",
                programs.path("s").toString());
        assertThat(other.awaitExit(LIMIT)).isEqualTo(1);

        assertThat(first.await("upgrade-failed", LIMIT).line().get("reason"))
                .contains("[" + jar + "] was overwritten while this process runs from it", "rename it (mv)");
    }

    @Test
    void echoLoadsNothingBetweenReadyAndItsEnd() throws Exception {
        List<String> command = new ArrayList<>(List.of("echo", "--port", "0"));
        assertLoadsNothingAfterReady(command);
    }

    private void assertLoadsNothingAfterReady(List<String> program) throws Exception {
        Path log = programs.path("classes");
        ChildProcess first = start("first", log, program);
        long port = port(first);
        first.await("ready", LIMIT);
        try (FrameClient client = FrameClient.tcp(port)) {
            client.exchange();
            int before = loaded(log).size();

            ChildProcess second = start("second", programs.path("others"), program);
            second.await("ready", LIMIT);
            assertThat(first.awaitExit(LIMIT)).isZero();

            List<String> all = loaded(log);
            assertThat(all.subList(before, all.size()))
                    .as("missing in META-INF/fd-netty/handover-classes")
                    .isEmpty();
        }
    }

    private ChildProcess start(String name, Path log, List<String> program) {
        List<String> arguments = new ArrayList<>(program);
        arguments.add("--upgrade");
        arguments.add(programs.path("s").toString());
        List<String> command = new ArrayList<>(Jdks.current().jar(Programs.jar(), arguments));
        command.add(1, "-Xlog:class+load:file=" + log);
        return programs.command(name, command);
    }

    /** The classes that came from jars or directories, in the order of their loading. */
    private static List<String> loaded(Path log) throws IOException {
        List<String> names = new ArrayList<>();
        for (String line : Files.readAllLines(log)) {
            Matcher loaded = LOADED.matcher(line);
            if (loaded.find() && loaded.group(1).matches("(io\\.(fdnetty|netty)|org\\.slf4j|picocli)\\.[\\w.$]*")) {
                names.add(loaded.group(1));
            }
        }
        return names;
    }

    private Path copyOfTheJar() throws IOException {
        return Files.copy(Programs.jar(), programs.path("app.jar"));
    }

    /** The same file, other bytes. */
    private static void writeOver(Path jar) throws IOException {
        byte[] bytes = new byte[(int) Files.size(jar)];
        new Random(1).nextBytes(bytes);
        Files.write(jar, bytes);
    }

    private ChildProcess echo(String name, Path jar) {
        return programs.command(
                name,
                Jdks.current()
                        .jar(
                                jar,
                                List.of(
                                        "echo",
                                        "--port",
                                        "0",
                                        "--upgrade",
                                        programs.path("s").toString())));
    }

    private static long port(ChildProcess server) throws InterruptedException {
        return server.await("listening", LIMIT).line().number("port");
    }
}
