package io.fdnetty.testsuite.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.examples.server.EventLine;
import io.fdnetty.testsuite.demo.StreamingClients;
import io.fdnetty.testsuite.process.Jdks;
import io.fdnetty.testsuite.process.Programs;
import io.fdnetty.testsuite.process.Tools;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Upgrades when something runs out: descriptors, room in the kernel for those in flight, memory, a disk's speed, a
 * reader's patience.
 */
@Tag("long")
class LimitsIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int NOBODY = 65534;
    private static final List<String> LITTLE_MEMORY =
            List.of("-Xmx64m", "-XX:MaxDirectMemorySize=64m", "-XX:+ExitOnOutOfMemoryError");
    private static final String BIG = "big:snapshot:required:" + (256 << 20) + ":NONE";

    @RegisterExtension
    final Programs programs = new Programs();

    @Test
    void aSuccessorWithTooFewDescriptorsTakesWhatFitsAndIsRelievedItself() throws Exception {
        int connections = 150;
        ChildProcess incumbent = programs.command("incumbent", echo(8));
        List<FrameClient> clients = connect(port(incumbent), connections);
        try {
            ChildProcess successor = programs.command("successor", limited(100, echo(8)));
            EventLine handedOver = incumbent.await("handed-over", LIMIT).line();

            long moved = handedOver.number("moved");
            assertThat(moved).isBetween(10L, 90L);
            assertThat(handedOver.number("kept")).isEqualTo(connections - moved);
            assertThat(handedOver.get("kept-because")).contains("ulimit -n");
            String said = successor.output();
            assertThat(said).contains("has " + connections + " connections, but only");
            assertThat(said.indexOf("but only")).isLessThan(said.indexOf("the author is ready"));
            exchangeAll(clients);

            assertThat(incumbent.awaitExit(LIMIT)).isZero();
            assertThat(incumbent.await("drained", LIMIT).line().number("closed"))
                    .isEqualTo(connections - moved);
            List<FrameClient> living = living(clients);
            assertThat(living).hasSize((int) moved);

            ChildProcess next = programs.command("next", echo(8));
            assertThat(successor.await("handed-over", LIMIT).line().number("moved"))
                    .isEqualTo(moved);
            next.await("ready", LIMIT);
            exchangeAll(living);
        } finally {
            closeAll(clients);
        }
    }

    @Test
    void anUnprivilegedIncumbentGoesOnAtThePaceOfTheAcknowledgements() throws Exception {
        int limit = 400;
        List<String> server = asNobody(limited(limit, echo(8)));
        ChildProcess incumbent = programs.command("incumbent", server);
        try (StreamingClients clients = StreamingClients.start(port(incumbent), 200)) {
            ChildProcess flood = flood(limit + 10, limit - 10);
            ChildProcess first = programs.command("first", server);
            incumbent.awaitOutput("RLIMIT_NOFILE", LIMIT);
            incumbent.await("upgrade-failed", LIMIT);
            assertThat(first.awaitExit(LIMIT)).isEqualTo(1);
            clients.awaitProgress(400);

            flood.signal("USR1");
            flood.await("released", LIMIT);
            ChildProcess second = programs.command("second", server);
            EventLine drained =
                    incumbent.await("drained", LIMIT).line(); // what is rejected for a moment is offered again

            assertThat(drained.number("moved")).as("%s", drained).isGreaterThanOrEqualTo(200);
            second.await("ready", LIMIT);
            clients.awaitProgress(400);
            clients.assertNothingNoticed();
        }
    }

    @Test
    void aSuccessorThatReadsAByteEachSecondCostsNeitherMemoryNorService() throws Exception {
        ChildProcess incumbent = stateServer("incumbent", "seconds:2", BIG);
        try (StreamingClients clients = StreamingClients.start(port(incumbent), 30)) {
            crawl("state");
            assertThat(incumbent.await("upgrade-failed", LIMIT).line().get("step"))
                    .isEqualTo("SendingState");
            clients.awaitProgress(100);

            ChildProcess next = stateServer("next", "seconds:20", BIG);
            next.await("ready", LIMIT);
            assertThat(incumbent.awaitExit(LIMIT)).isZero();
            clients.assertNothingNoticed();
        }
    }

    @Test
    void aSuccessorThatReadsConnectionsAByteEachSecondGetsNone() throws Exception {
        ChildProcess incumbent = stateServer("incumbent", "seconds:2");
        try (StreamingClients clients = StreamingClients.start(port(incumbent), 30)) {
            crawl("connections");
            assertThat(incumbent.await("upgrade-failed", LIMIT).line().get("step"))
                    .isEqualTo("Moving");
            clients.awaitProgress(100);

            stateServer("next", "seconds:20").await("ready", LIMIT);
            assertThat(incumbent.await("handed-over", LIMIT).line().number("moved"))
                    .isGreaterThanOrEqualTo(30);
            clients.assertNothingNoticed();
        }
    }

    @Test
    void aSlowDiskMayTakeLongerThanAnyDeadlineWhileItGetsOn() throws Exception {
        String slow = "slow:snapshot:required:" + (3 << 20) + ":SAVED_SLOWLY"; // at least 5 seconds
        ChildProcess incumbent = stateServer("incumbent", "seconds:2", slow);
        incumbent.await("ready", LIMIT);

        stateServer("successor", "seconds:2", slow).await("ready", LIMIT);

        assertThat(incumbent.awaitExit(LIMIT)).isZero();
    }

    @Test
    void aDiskThatHangsFailsOneUpgradeAndIsNotInTheWayOfTheNext() throws Exception {
        String hangs = "hangs:snapshot:required:1000:SAVE_HANGS_ONCE";
        ChildProcess incumbent = stateServer("incumbent", "seconds:2", hangs);
        incumbent.await("ready", LIMIT);
        ChildProcess first = stateServer("first", "seconds:2", hangs);

        assertThat(incumbent.await("upgrade-failed", LIMIT).line().get("step")).isEqualTo("SendingState");
        assertThat(first.awaitExit(LIMIT)).isEqualTo(1);
        incumbent.await("interrupted", LIMIT);

        stateServer("second", "seconds:2", hangs).await("ready", LIMIT);
        assertThat(incumbent.awaitExit(LIMIT)).isZero();
    }

    @Test
    void aFullPipeAsStandardOutputHoldsNobodyUp() throws Exception {
        ChildProcess incumbent = programs.command("incumbent", echo(8));
        try (StreamingClients clients = StreamingClients.start(port(incumbent), 30)) {
            List<String> command = new ArrayList<>(List.of("unread"));
            command.addAll(echo(8));
            ChildProcess mute = programs.python("limits.py", command.toArray(new String[0]));
            incumbent.await("handed-over", LIMIT);
            assertThat(incumbent.awaitExit(LIMIT)).isZero();
            clients.awaitProgress(100);

            programs.command("next", echo(8)).await("ready", LIMIT);
            assertThat(mute.await("ended", LIMIT).line().number("status")).isZero();
            clients.assertNothingNoticed();
        }
    }

    private List<String> echo(int drainSeconds) throws IOException {
        Path jar = programs.path("echo.jar");
        if (!Files.exists(jar)) {
            Files.copy(Path.of(System.getProperty("fdnetty.examples.jar", "fd-netty-examples.jar")), jar);
        }
        String socket = programs.path("s").toString();
        return Jdks.current()
                .jar(jar, List.of("echo", "--port", "0", "--upgrade", socket, "--drain", String.valueOf(drainSeconds)));
    }

    /** With so many open files at most; the JVM raises its soft limit to the hard one. */
    private static List<String> limited(int files, List<String> command) {
        List<String> all =
                new ArrayList<>(List.of(Tools.require("prlimit").toString(), "--nofile=" + files + ":" + files));
        all.addAll(command);
        return all;
    }

    /** As another user if we are root, whose descriptors in flight nobody limits. */
    private List<String> asNobody(List<String> command) throws IOException {
        if (!System.getProperty("user.name").equals("root")) {
            return command;
        }
        Path directory = programs.path("s").getParent();
        Files.setAttribute(directory, "unix:uid", NOBODY);
        Files.setAttribute(programs.path("echo.jar"), "unix:uid", NOBODY);
        String user = String.valueOf(NOBODY);
        List<String> all = new ArrayList<>(
                List.of(Tools.require("setpriv").toString(), "--reuid", user, "--regid", user, "--clear-groups"));
        all.addAll(command);
        return all;
    }

    private ChildProcess flood(int inFlight, int kept) throws Exception {
        Path script = programs.path("limits.py");
        try (InputStream source = LimitsIT.class.getResourceAsStream("/python/limits.py")) {
            Files.copy(source, script);
        }
        Path everybodys = Path.of("/usr/bin/python3"); // another user may be able to run no other
        Path python = Files.isExecutable(everybodys) ? everybodys : Tools.require("python3");
        List<String> command = List.of(python.toString(), "-u", script.toString(), "flood", "" + inFlight, "" + kept);
        ChildProcess flood = programs.command("flood", asNobody(command));
        flood.await("flooded", LIMIT);
        return flood;
    }

    private void crawl(String phase) throws Exception {
        programs.python("limits.py", "crawl", programs.path("s").toString(), phase)
                .await("crawls", LIMIT);
    }

    private ChildProcess stateServer(String name, String... sections) {
        List<String> arguments = new ArrayList<>(List.of(programs.path("s").toString(), "state"));
        arguments.addAll(List.of(sections));
        return programs.main(name, Jdks.current(), LITTLE_MEMORY, StateServer.class, arguments.toArray(new String[0]));
    }

    private static long port(ChildProcess server) throws InterruptedException {
        server.await("ready", LIMIT);
        return server.await("listening", LIMIT).line().number("port");
    }

    private static List<FrameClient> connect(long port, int count) throws IOException {
        List<FrameClient> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            clients.add(FrameClient.tcp(port));
        }
        exchangeAll(clients);
        return clients;
    }

    private static void exchangeAll(List<FrameClient> clients) throws IOException {
        for (FrameClient client : clients) {
            client.exchange();
        }
    }

    private static List<FrameClient> living(List<FrameClient> clients) {
        return clients.stream().filter(LimitsIT::lives).toList();
    }

    private static boolean lives(FrameClient client) {
        try {
            client.exchange();
            return true;
        } catch (IOException closed) {
            return false;
        }
    }

    private static void closeAll(List<FrameClient> clients) throws IOException {
        for (FrameClient client : clients) {
            client.close();
        }
    }
}
