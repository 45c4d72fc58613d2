package io.fdnetty.testsuite.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.testing.Eventually;
import io.fdnetty.testsuite.process.Jdks;
import io.fdnetty.testsuite.process.Programs;
import io.fdnetty.testsuite.process.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A server that is the first process of a container: its end would be the end of every other process there. */
class ContainerIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int SIGTERM_STATUS = 128 + 15;
    private static final int SIGKILL_STATUS = 128 + 9;

    @RegisterExtension
    final Programs programs = new Programs();

    @Test
    void itStaysWithoutASocketAndPassesSigtermOnAndTheStatusBack() throws Exception {
        ChildProcess container = programs.container("container", echo());
        try (FrameClient client = FrameClient.tcp(port(container))) {
            client.exchange();
            long init = init(container);

            hangup(init);
            assertThat(container.await("ready", 2, LIMIT).line().number("generation"))
                    .isEqualTo(2);
            assertThat(container.await("staying", LIMIT).line().number("pid")).isEqualTo(1);
            client.exchange();
            Eventually.holds(
                    "it has no socket that somebody can reach",
                    () -> publicSockets(init).isEmpty());

            hangup(init);
            assertThat(container.await("ready", 3, LIMIT).line().number("generation"))
                    .isEqualTo(3);
            client.exchange();
            Eventually.holds(
                    "the second generation has ended and is reaped",
                    () -> children(init).size() == 1);

            signal("TERM", init);
            assertThat(container.awaitExit(LIMIT)).as(container::output).isEqualTo(SIGTERM_STATUS);
            assertThat(container.output()).contains("event=exit pid=1 status=" + SIGTERM_STATUS);
        }
    }

    @Test
    @Tag("long")
    void theContainerEndsWithTheStatusOfASuccessorThatIsKilled() throws Exception {
        ChildProcess container = programs.container("container", echo());
        container.await("ready", LIMIT);
        long init = init(container);
        hangup(init);
        container.await("staying", LIMIT);

        ProcessHandle.of(children(init).get(0)).orElseThrow().destroyForcibly();

        assertThat(container.awaitExit(LIMIT)).as(container::output).isEqualTo(SIGKILL_STATUS);
    }

    /**
     * The successor of a successor is nobody's child when its parent has ended: the kernel gives it to the first
     * process.
     */
    @Test
    @Tag("long")
    void aSuccessorThatIsAskedItselfForAnUpgradeEndsAndTheContainerGoesOn() throws Exception {
        ChildProcess container = programs.container("container", echo());
        try (FrameClient client = FrameClient.tcp(port(container))) {
            long init = init(container);
            container.await("ready", LIMIT);
            hangup(init);
            container.await("staying", LIMIT);
            long second = children(init).get(0);

            hangup(second);
            container.await("ready", 3, LIMIT);
            Eventually.holds("the second generation ends", () -> !children(init).contains(second));
            client.exchange();
            assertThat(container.events("staying")).hasSize(1);

            signal("KILL", children(init).get(0));
            assertThat(container.awaitExit(LIMIT)).as(container::output).isEqualTo(SIGKILL_STATUS);
        }
    }

    /** As {@code docker exec} does. */
    @Test
    @Tag("long")
    void aSuccessorThatIsStartedFromOutsideIsWaitedForToo() throws Exception {
        ChildProcess container = programs.container("container", echo());
        try (FrameClient client = FrameClient.tcp(port(container))) {
            container.await("ready", LIMIT);
            List<String> enter = List.of(
                    Tools.require("nsenter").toString(),
                    "--pid",
                    "--mount",
                    "--target",
                    String.valueOf(init(container)));
            ChildProcess second = programs.commandInContainer(
                    "second", Stream.concat(enter.stream(), echo().stream()).toList());
            second.await("ready", LIMIT);
            container.await("staying", LIMIT);
            client.exchange();

            signal("TERM", init(container));
            assertThat(second.awaitExit(LIMIT)).isEqualTo(SIGTERM_STATUS);
            assertThat(container.awaitExit(LIMIT)).isZero();
        }
    }

    @Test
    @Tag("long")
    void anyServerStaysIfItIsToldTo() throws Exception {
        ChildProcess first = programs.command("echo", echo("--stay"));
        try (FrameClient client = FrameClient.tcp(port(first))) {
            first.await("ready", LIMIT);
            hangup(first.pid());
            long second = first.await("ready", 2, LIMIT).line().number("pid");
            first.await("staying", LIMIT);
            client.exchange();

            signal("TERM", first.pid());
            assertThat(first.awaitExit(LIMIT)).isEqualTo(SIGTERM_STATUS);
            assertThat(ProcessHandle.of(second)).isEmpty();
        }
    }

    private List<String> echo(String... more) {
        List<String> arguments = new ArrayList<>(List.of("echo", "--port", "0", "--drain", "5", "--upgrade"));
        arguments.add(programs.path("s").toString());
        arguments.addAll(List.of(more));
        return Jdks.current().jar(Programs.jar(), arguments);
    }

    /** The first process of the namespace, by its number out here. */
    private static long init(ChildProcess container) {
        return children(container.pid()).get(0);
    }

    private static List<Long> children(long pid) {
        return ProcessHandle.of(pid).stream()
                .flatMap(ProcessHandle::children)
                .map(ProcessHandle::pid)
                .toList();
    }

    /** The kernel's lines on its TCP sockets and its unix sockets with a path. */
    private static List<String> publicSockets(long pid) {
        Path process = Path.of("/proc", String.valueOf(pid));
        try (Stream<Path> entries = Files.list(process.resolve("fd"))) {
            List<String> inodes = entries.map(ContainerIT::target)
                    .filter(target -> target.startsWith("socket:["))
                    .map(target -> " " + target.substring(8, target.length() - 1) + " ")
                    .toList();
            List<String> lines = new ArrayList<>(Files.readAllLines(process.resolve("net/tcp")));
            lines.addAll(Files.readAllLines(process.resolve("net/tcp6")));
            Files.readAllLines(process.resolve("net/unix")).stream()
                    .filter(line -> line.contains("/"))
                    .forEach(lines::add);
            return lines.stream()
                    .filter(line -> inodes.stream().anyMatch(line::contains))
                    .toList();
        } catch (IOException e) {
            return List.of(e.toString());
        }
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException closed) {
            return "";
        }
    }

    private static void hangup(long pid) throws Exception {
        signal("HUP", pid);
    }

    private static void signal(String name, long pid) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, String.valueOf(pid))
                        .start()
                        .waitFor())
                .isZero();
    }

    private static long port(ChildProcess server) throws InterruptedException {
        return server.await("listening", LIMIT).line().number("port");
    }
}
