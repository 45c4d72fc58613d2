package io.fdnetty.testsuite.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.examples.process.JavaRuntime;
import io.fdnetty.examples.server.EventLine;
import io.fdnetty.testsuite.demo.StreamingClients;
import io.fdnetty.testsuite.process.Jdks;
import io.fdnetty.testsuite.process.Programs;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The same command line typed again and again, as in two shells. */
class EchoIT {
    private static final Duration LIMIT = Duration.ofSeconds(40);
    private static final int SIGTERM_STATUS = 128 + 15;

    @RegisterExtension
    final Programs programs = new Programs();

    @Test
    void typedTwiceTheSecondTakesOverWithEveryClient() throws Exception {
        ChildProcess first = echo(Jdks.current());
        long port = port(first);
        ChildProcess python = programs.python("echo_client.py", String.valueOf(port));
        python.await("progress", LIMIT);

        ChildProcess second = echo(Jdks.current());
        EventLine handedOver = first.await("handed-over", LIMIT).line();

        assertThat(second.await("ready", LIMIT).line().number("generation")).isEqualTo(2);
        assertThat(port(second)).isEqualTo(port);
        assertThat(handedOver.number("moved")).isEqualTo(1);
        assertThat(handedOver.number("kept")).isZero();
        assertThat(first.awaitExit(LIMIT)).isZero();
        assertThat(first.await("exit", LIMIT).line().number("status")).isZero();
        python.await("progress", python.events("progress").size() + 2, LIMIT);
        python.signal("INT");
        python.await("done", LIMIT);
        assertThat(python.awaitExit(LIMIT)).isZero();
    }

    @Test
    @Tag("long")
    void streamingClientsNoticeNothingOfThreeUpgrades() throws Exception {
        ChildProcess server = echo(Jdks.current());
        try (StreamingClients clients = StreamingClients.start(port(server), 100)) {
            for (int generation = 2; generation <= 4; generation++) {
                ChildProcess successor = echo(Jdks.current());
                successor.await("ready", LIMIT);
                assertThat(server.await("handed-over", LIMIT).line().number("moved"))
                        .isGreaterThanOrEqualTo(100);
                assertThat(server.awaitExit(LIMIT)).isZero();
                clients.awaitProgress(500);
                clients.awaitProbes(3);
                server = successor;
            }
            clients.assertNothingNoticed();
        }
    }

    @Test
    @Tag("long")
    void java17AndLaterUpgradeToEachOther() throws Exception {
        JavaRuntime old = Jdks.withoutForeignCalls();
        JavaRuntime modern = Jdks.withForeignCalls();
        ChildProcess first = echo(old);
        try (StreamingClients clients = StreamingClients.start(port(first), 50)) {
            ChildProcess second = echo(modern);
            assertThat(first.awaitExit(LIMIT)).isZero();
            clients.awaitProgress(200);
            ChildProcess third = echo(old);
            assertThat(second.awaitExit(LIMIT)).isZero();
            clients.awaitProgress(200);
            assertThat(third.isAlive()).isTrue();
            clients.assertNothingNoticed();
        }
    }

    @Test
    void sigtermLetsTheLastAnswersOutAndRemovesNothingOfOthers() throws Exception {
        ChildProcess server = echo(Jdks.current());
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), (int) port(server))) {
            DataOutputStream out = new DataOutputStream(client.getOutputStream());
            DataInputStream in = new DataInputStream(client.getInputStream());
            out.writeInt(3);
            out.writeBytes("abc");
            assertThat(in.readInt()).isEqualTo(3);
            assertThat(in.readNBytes(3)).asString().isEqualTo("abc");

            server.signal("TERM");

            assertThat(in.read()).isEqualTo(-1);
        }
        server.await("exit", LIMIT);
        assertThat(server.awaitExit(LIMIT)).isEqualTo(SIGTERM_STATUS);
    }

    @Test
    void aClientThatSendsNoMoreStillGetsItsAnswers() throws Exception {
        ChildProcess server = echo(Jdks.current());
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), (int) port(server))) {
            DataOutputStream out = new DataOutputStream(client.getOutputStream());
            out.writeInt(200_000);
            out.write(new byte[200_000]);
            client.shutdownOutput();

            assertThat(client.getInputStream().readAllBytes()).hasSize(200_004);
        }
    }

    @Test
    void aFrameThatIsTooLongClosesItsConnectionOnly() throws Exception {
        ChildProcess server = echo(Jdks.current());
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), (int) port(server))) {
            new DataOutputStream(client.getOutputStream()).writeInt((16 << 20) + 1);

            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
        server.awaitOutput("does not speak in frames", LIMIT);
        assertThat(server.isAlive()).isTrue();
    }

    @Test
    void aDirectoryThatOthersCanWriteIsRefusedInOneLine() throws Exception {
        Path open = Files.createDirectory(programs.path("open"));
        Files.setPosixFilePermissions(open, java.nio.file.attribute.PosixFilePermissions.fromString("rwxrwxrwx"));
        ChildProcess server = programs.jar(
                "echo",
                Jdks.current(),
                "echo",
                "--port",
                "0",
                "--upgrade",
                open.resolve("s").toString());

        assertThat(server.awaitExit(LIMIT)).isEqualTo(1);
        assertThat(server.await("upgrade-failed", LIMIT).line().get("step")).isEqualTo("path");
        assertThat(server.output()).contains("fd-netty: ").doesNotContain("\tat ");
    }

    private ChildProcess echo(JavaRuntime runtime) {
        String socket = programs.path("s").toString();
        return programs.jar("echo", runtime, "echo", "--port", "0", "--upgrade", socket, "--drain", "10");
    }

    private static long port(ChildProcess server) throws InterruptedException {
        return server.await("listening", LIMIT).line().number("port");
    }
}
