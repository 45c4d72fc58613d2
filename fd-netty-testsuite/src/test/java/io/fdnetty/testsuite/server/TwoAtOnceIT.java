package io.fdnetty.testsuite.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.examples.ProgramException;
import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.testsuite.demo.StreamingClients;
import io.fdnetty.testsuite.process.Jdks;
import io.fdnetty.testsuite.process.Programs;
import io.fdnetty.testsuite.process.Tools;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Processes that want the same role at the same instant: one gets it, the others say why not and end, and the socket
 * file stays.
 */
@Tag("long")
class TwoAtOnceIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int RIVALS = 3;

    @RegisterExtension
    final Programs programs = new Programs();

    private final Map<String, RandomAccessFile> pipes = new HashMap<>();

    @AfterEach
    void closePipes() throws IOException {
        for (RandomAccessFile pipe : pipes.values()) {
            pipe.close();
        }
    }

    @Test
    void coldStartsAndSuccessorsAtTheSameInstant() throws Exception {
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(programs.path("s"))); // as a process that was killed leaves it
        }
        ChildProcess first = race("cold", "is itself still starting");
        Object inode = Files.getAttribute(programs.path("s"), "unix:ino");
        long port = first.await("listening", LIMIT).line().number("port");
        letGoOn("cold-ready", 1);
        first.await("ready", LIMIT);
        try (StreamingClients clients = StreamingClients.start(port, 30)) {
            ChildProcess second = race("successor", "is taking over already");
            askForAnUpgradeOf(second);
            letGoOn("successor-ready", 1);

            assertThat(first.await("handed-over", LIMIT).line().number("moved")).isGreaterThanOrEqualTo(30);
            assertThat(first.awaitExit(LIMIT)).isZero();
            assertThat(second.await("ready", LIMIT).line().number("generation")).isEqualTo(2);
            assertThat(Files.getAttribute(programs.path("s"), "unix:ino")).isEqualTo(inode);
            clients.assertNothingNoticed();
        }
    }

    /** While it is still taking over itself: its own successor is refused, and it goes on. */
    private void askForAnUpgradeOf(ChildProcess successor) throws Exception {
        successor.signal("HUP");
        letGoOn("successor-start", 1);
        successor.awaitOutput("this process goes on", LIMIT);
        assertThat(successor.output()).contains("is taking over already").contains("exited with status 1");
    }

    /** Starts some processes, lets them go on together, and returns the winner when all others have ended. */
    private ChildProcess race(String name, String reason) throws Exception {
        List<ChildProcess> rivals = new ArrayList<>();
        pipe(name + "-start");
        pipe(name + "-ready");
        for (int i = 0; i < RIVALS; i++) {
            rivals.add(programs.main(
                    name + "-" + i,
                    Jdks.current(),
                    BarrierServer.class,
                    programs.path("s").toString(),
                    programs.path(name + "-start").toString(),
                    programs.path(name + "-ready").toString()));
        }
        for (ChildProcess rival : rivals) {
            rival.await("waits", LIMIT);
        }
        letGoOn(name + "-start", RIVALS);
        return winner(rivals, reason);
    }

    private static ChildProcess winner(List<ChildProcess> rivals, String reason) throws InterruptedException {
        List<ChildProcess> winners = new ArrayList<>();
        for (ChildProcess rival : rivals) {
            if (listens(rival)) {
                winners.add(rival);
            } else {
                assertThat(rival.await("upgrade-failed", LIMIT).line().get("reason"))
                        .contains(reason)
                        .doesNotContain("\n");
                assertThat(rival.awaitExit(LIMIT)).isEqualTo(1);
            }
        }
        assertThat(winners).hasSize(1);
        return winners.get(0);
    }

    private static boolean listens(ChildProcess rival) throws InterruptedException {
        try {
            rival.await("listening", LIMIT);
            return true;
        } catch (ProgramException ended) {
            assertThat(rival.awaitExit(LIMIT)).as(ended.getMessage()).isEqualTo(1);
            return false;
        }
    }

    /** A named pipe that this test holds open, so that who waits for a byte waits. */
    private void pipe(String name) throws Exception {
        Path path = programs.path(name);
        assertThat(new ProcessBuilder(Tools.require("mkfifo").toString(), path.toString())
                        .start()
                        .waitFor())
                .isZero();
        pipes.put(name, new RandomAccessFile(path.toFile(), "rw"));
    }

    /** So many that wait at the pipe, or will, go on. */
    private void letGoOn(String pipe, int processes) throws IOException {
        pipes.get(pipe).write(new byte[processes]);
    }
}
