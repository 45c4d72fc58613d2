package io.fdnetty.testsuite.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.examples.process.JavaRuntime;
import io.fdnetty.testing.Eventually;
import io.fdnetty.testsuite.process.Jdks;
import io.fdnetty.testsuite.process.Programs;
import io.fdnetty.testsuite.process.Tools;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a server does at SIGHUP, and what it starts then. */
class HangupIT {
    private static final Duration LIMIT = Duration.ofSeconds(40);
    private static final Pattern REQUEST = Pattern.compile("Upgrade requested by pid (\\d+)");

    @RegisterExtension
    final Programs programs = new Programs();

    /** Successors are no children of this test, but they name its socket. */
    @AfterEach
    void endSuccessors() {
        String socket = programs.path("s").toString();
        ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").contains(socket))
                .forEach(process -> {
                    process.destroyForcibly();
                    process.onExit().join();
                });
    }

    @Test
    @Tag("long")
    void theReleaseAndTheJdkAreThoseThatTheLinksOfTheCommandLineNameNow() throws Exception {
        Path oldJdk = home(Jdks.withoutForeignCalls());
        Path newJdk = home(Jdks.withForeignCalls());
        Path jdk = Files.createSymbolicLink(programs.path("jdk"), oldJdk);
        Path release = Files.createSymbolicLink(programs.path("release"), newRelease("r1"));
        ChildProcess first = programs.command(
                "echo",
                List.of(
                        jdk.resolve("bin/java").toString(),
                        "-jar",
                        release.resolve("echo.jar").toString(),
                        "echo",
                        "--port",
                        "0",
                        "--upgrade",
                        programs.path("s").toString()));
        try (FrameClient client = FrameClient.tcp(port(first))) {
            client.exchange();
            move(jdk, newJdk);
            move(release, newRelease("r2"));

            first.signal("HUP");
            long second = successorOf(first);
            first.await("handed-over", LIMIT);

            assertThat(Files.readSymbolicLink(Path.of("/proc", String.valueOf(second), "exe")))
                    .startsWith(newJdk.toRealPath());
            assertThat(openFiles(second)).contains(programs.path("r2").resolve("echo.jar"));
            client.exchange();
            Eventually.holds("the old process ends", () -> !first.isAlive());
            assertThat(first.exitStatus()).isZero();
        }
    }

    private static Path home(JavaRuntime runtime) {
        return runtime.executable().getParent().getParent();
    }

    private Path newRelease(String name) throws IOException {
        Path directory = Files.createDirectory(programs.path(name));
        Files.copy(Programs.jar(), directory.resolve("echo.jar"));
        return directory;
    }

    /** As {@code ln -sfn} does. */
    private static void move(Path link, Path target) throws IOException {
        Path next = Files.createSymbolicLink(link.resolveSibling("next"), target);
        Files.move(next, link, StandardCopyOption.ATOMIC_MOVE);
    }

    private static List<Path> openFiles(long pid) throws IOException {
        try (Stream<Path> entries = Files.list(Path.of("/proc", String.valueOf(pid), "fd"))) {
            return entries.map(HangupIT::target).toList();
        }
    }

    private static Path target(Path entry) {
        try {
            return Files.readSymbolicLink(entry);
        } catch (IOException closed) {
            return entry;
        }
    }

    @Test
    @Tag("long")
    void afterLogrotateTheSuccessorWritesToTheFileOfThatName() throws Exception {
        Path log = programs.path("echo.log");
        List<String> shell = new ArrayList<>(List.of(Tools.require("sh").toString(), "-c"));
        shell.add("exec \"$@\" >> " + log + " 2>&1");
        shell.add("sh");
        shell.addAll(Jdks.current().jar(Programs.jar(), List.of(echo())));
        ChildProcess first = programs.command("echo", shell);
        Eventually.holds("it is ready", () -> read(log).contains("event=ready"));
        Path rotated = Files.move(log, programs.path("echo.log.1"));

        first.signal("HUP");
        Eventually.holds("the successor writes to the new file", () -> read(log).contains("event=ready"));
        assertThat(read(log)).contains("generation=2").doesNotContain("generation=1 ");
        assertThat(read(rotated))
                .contains("event=handed-over")
                .doesNotContain("event=ready pid=" + first.pid() + " generation=2");
    }

    private static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aServerInTheForegroundOfATerminalEndsWithIt() throws Exception {
        ChildProcess terminal = terminal();
        terminal.await("ready", LIMIT);

        terminal.signal("USR1");
        terminal.await("exit", LIMIT);

        assertThat(terminal.output()).contains("its terminal has closed").doesNotContain("Upgrade requested");
    }

    @Test
    void killMinusHupUpgradesAServerInTheForegroundOfATerminal() throws Exception {
        ChildProcess terminal = terminal();
        long first = terminal.await("ready", LIMIT).line().number("pid");

        hangup(first);

        assertThat(successorOf(terminal)).isNotEqualTo(first);
        terminal.await("handed-over", LIMIT);
    }

    @Test
    @Tag("long")
    void withHangupUpgradeItIsUpgradedWhateverBecomesOfTheTerminal() throws Exception {
        ChildProcess terminal = terminal("--hangup", "upgrade");
        terminal.await("ready", LIMIT);

        terminal.signal("USR1");

        successorOf(terminal);
        terminal.await("handed-over", LIMIT);
    }

    @Test
    @Tag("long")
    void withHangupExitItEndsLikeAtSigterm() throws Exception {
        ChildProcess server = programs.jar("echo", Jdks.current(), echo("--hangup", "exit"));
        server.await("ready", LIMIT);

        server.signal("HUP");

        server.await("exit", LIMIT);
        assertThat(server.awaitExit(LIMIT)).isEqualTo(128 + 1);
        assertThat(server.output()).doesNotContain("Upgrade requested");
    }

    private ChildProcess terminal(String... more) throws IOException {
        return programs.python(
                "terminal.py",
                Jdks.current().jar(Programs.jar(), List.of(echo(more))).toArray(String[]::new));
    }

    @Test
    @Tag("long")
    void aPortThatTheCommandLineOpensByItselfIsNamedWhenTheSuccessorFails() throws Exception {
        int port = freePort();
        String debugger = "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:" + port;
        List<String> command = new ArrayList<>(Jdks.current().jar(Programs.jar(), List.of(echo())));
        command.add(1, debugger);
        ChildProcess server = programs.command("echo", command);
        server.await("ready", LIMIT);

        server.signal("HUP");

        String output = server.awaitOutput("this process goes on", LIMIT);
        assertThat(output.lines().filter(line -> line.contains("this process goes on")))
                .singleElement()
                .asString()
                .contains("exited with status", debugger, "ports that this process holds");
        assertThat(server.isAlive()).isTrue();
    }

    private static int freePort() throws IOException {
        try (ServerSocket any = new ServerSocket(0)) {
            return any.getLocalPort();
        }
    }

    private String[] echo(String... more) {
        List<String> arguments = new ArrayList<>(List.of("echo", "--port", "0", "--upgrade"));
        arguments.add(programs.path("s").toString());
        arguments.addAll(List.of(more));
        return arguments.toArray(String[]::new);
    }

    /** Said by the server itself, while it lives: what its successor prints after its end may be lost to this test. */
    private static long successorOf(ChildProcess server) throws InterruptedException {
        Matcher request = REQUEST.matcher(server.awaitOutput("Upgrade requested by pid", LIMIT));
        assertThat(request.find()).isTrue();
        return Long.parseLong(request.group(1));
    }

    private static void hangup(long pid) throws Exception {
        assertThat(new ProcessBuilder("kill", "-HUP", String.valueOf(pid))
                        .start()
                        .waitFor())
                .isZero();
    }

    private static long port(ChildProcess server) throws InterruptedException {
        return server.await("listening", LIMIT).line().number("port");
    }
}
