package io.fdnetty.testsuite.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.testsuite.demo.StreamingClients;
import io.fdnetty.testsuite.process.Jdks;
import io.fdnetty.testsuite.process.Programs;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Somebody cleans up: the control socket of a running server is gone. */
class SweptSocketIT {
    private static final Duration LIMIT = Duration.ofSeconds(40);
    private static final int CLIENTS = 20;

    @RegisterExtension
    final Programs programs = new Programs();

    private Path home;
    private Path socket;

    @BeforeEach
    void makeHome() throws IOException {
        home = Files.createDirectory(
                programs.path("d"), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        socket = home.resolve("s");
    }

    @Test
    void aStartBesideAServerWhoseSocketWasRemovedWaitsForItAndTakesOver() throws Exception {
        ChildProcess server = echo(0);
        try (StreamingClients clients = StreamingClients.start(port(server), CLIENTS)) {
            Files.delete(socket);

            ChildProcess next = echo(port(server));

            assertThat(next.await("ready", LIMIT).line().number("generation")).isEqualTo(2);
            assertThat(server.awaitExit(LIMIT)).isZero();
            assertThat(server.output()).contains("is there again");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                    .isEqualTo("rw-------");
            clients.awaitProgress(CLIENTS);
            clients.assertNothingNoticed();
        }
    }

    @Test
    @Tag("long")
    void theDirectoryIsMadeAgainToo() throws Exception {
        ChildProcess server = echo(0);
        try (StreamingClients clients = StreamingClients.start(port(server), CLIENTS)) {
            removeAll();
            server.awaitOutput("is there again", LIMIT);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home)))
                    .isEqualTo("rwx------");

            ChildProcess next = echo(port(server));

            assertThat(next.await("ready", LIMIT).line().number("generation")).isEqualTo(2);
            clients.awaitProgress(CLIENTS);
            clients.assertNothingNoticed();
        }
    }

    @Test
    @Tag("long")
    void hangupMakesTheSocketAgainAtOnce() throws Exception {
        ChildProcess server = echo(0);
        try (StreamingClients clients = StreamingClients.start(port(server), CLIENTS)) {
            removeAll();

            server.signal("HUP");

            server.await("handed-over", LIMIT);
            assertThat(server.await("ready", 2, LIMIT).line().number("generation"))
                    .isEqualTo(2);
            clients.awaitProgress(CLIENTS);
            clients.assertNothingNoticed();
        }
    }

    @Test
    @Tag("long")
    void aSocketThatSomebodyElsePutThereIsLeftAloneAndTheLogSaysSo() throws Exception {
        ChildProcess server = echo(0);
        server.await("ready", LIMIT);
        Files.delete(socket);
        try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            other.bind(UnixDomainSocketAddress.of(socket));

            server.signal("HUP");

            server.awaitOutput("something else lies there", LIMIT);
            server.awaitOutput("The upgrade that SIGHUP asked for failed", LIMIT);
            assertThat(socket).exists();
        }
        server.signal("TERM");
        server.awaitExit(LIMIT);
        assertThat(socket).as("the other one's file").exists();
    }

    @Test
    @Tag("long")
    void aStartThatFindsTheAddressInUseNamesTheServerThatHasIt() throws Exception {
        ChildProcess server = echo(0);
        long port = port(server);
        server.signal("STOP"); // it makes nothing again
        Files.delete(socket);

        ChildProcess next = echo(port);

        assertThat(next.awaitExit(LIMIT)).isEqualTo(1);
        assertThat(next.output()).contains("process " + server.pid() + " serves here", "control socket " + socket);
        server.signal("CONT");
    }

    private void removeAll() throws IOException {
        List<Path> all;
        try (Stream<Path> files = Files.walk(home)) {
            all = files.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : all) {
            Files.delete(file);
        }
    }

    private ChildProcess echo(long port) {
        String at = String.valueOf(port);
        return programs.jar(
                "echo", Jdks.current(), "echo", "--port", at, "--upgrade", socket.toString(), "--drain", "10");
    }

    private static long port(ChildProcess server) throws InterruptedException {
        server.await("ready", LIMIT);
        return server.await("listening", LIMIT).line().number("port");
    }
}
