package io.fdnetty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fdnetty.testing.Eventually;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The incumbent starts its successor itself. */
class SpawnTest {
    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();

    @TempDir
    Path directory;

    private Path socket() {
        return directory.resolve("upgrade.sock");
    }

    @Test
    void whoAskedForTheUpgradeLearnsThatTheSuccessorServes() throws Exception {
        ProcessBuilder command = new ProcessBuilder(
                JAVA, "-cp", System.getProperty("java.class.path"), EchoMain.class.getName(), socket().toString());
        try (EchoServer server = EchoServer.start(socket(), UnaryOperator.identity());
                Socket client = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            client.setSoTimeout(10_000);
            UpgraderTest.echo(client, "before");
            UpgradeReport report =
                    server.upgrader.spawn(command).toCompletableFuture().get(60, TimeUnit.SECONDS);
            assertThat(report.moved()).isEqualTo(1);
            UpgraderTest.echo(client, "after");
        } finally {
            endSuccessor();
        }
    }

    @Test
    void aSuccessorThatTheStartedProcessStartsCountsAsTheStartedOne() throws Exception {
        ProcessBuilder command = new ProcessBuilder(
                "sh",
                "-c",
                "\"$0\" -cp \"$1\" \"$2\" \"$3\"; exit $?",
                JAVA,
                System.getProperty("java.class.path"),
                EchoMain.class.getName(),
                socket().toString());
        try (EchoServer server = EchoServer.start(socket(), UnaryOperator.identity())) {
            assertThat(server.upgrader
                            .spawn(command)
                            .toCompletableFuture()
                            .get(60, TimeUnit.SECONDS)
                            .generation())
                    .isEqualTo(1);
        } finally {
            endSuccessor();
        }
    }

    @Test
    void anotherProcessThatTakesOverIsNotTakenForTheStartedOne() throws Exception {
        try (EchoServer server = EchoServer.start(socket(), UnaryOperator.identity())) {
            CompletableFuture<UpgradeReport> result =
                    server.upgrader.spawn(new ProcessBuilder("sleep", "60")).toCompletableFuture();
            Eventually.holds(
                    "it is started", () -> ProcessHandle.current().children().count() == 1);
            try (Upgrader refused = Upgrader.builder(socket()).name("echo").build()) {
                refused.refuse("only a rehearsal");
            }
            assertThat(result).isNotDone();
            try (EchoServer another = EchoServer.start(socket(), UnaryOperator.identity())) {
                assertThat(another.serving.generation()).isEqualTo(2);
                assertThatThrownBy(() -> result.get(10, TimeUnit.SECONDS))
                        .hasCauseInstanceOf(UpgradeException.class)
                        .hasMessageContaining("another process, pid "
                                + ProcessHandle.current().pid() + ", has taken over");
            }
        } finally {
            endSuccessor();
        }
    }

    /** The only child of this test's. */
    private void endSuccessor() throws Exception {
        for (ProcessHandle child : ProcessHandle.current().descendants().toList()) {
            child.destroy();
            child.onExit().get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void aSuccessorThatEndsBeforeItServesIsAFailureWithItsStatus() throws Exception {
        assertTheEndOfASuccessorIsLearnt();
    }

    private void assertTheEndOfASuccessorIsLearnt() throws Exception {
        try (EchoServer server = EchoServer.start(socket(), UnaryOperator.identity())) {
            CompletableFuture<UpgradeReport> result =
                    server.upgrader.spawn(new ProcessBuilder("false")).toCompletableFuture();
            assertThatThrownBy(() -> result.get(10, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(UpgradeException.class)
                    .hasMessageContaining("exited with status 1 before it served");
            assertThat(server.upgrader.handedOver().toCompletableFuture()).isNotDone();
        }
    }

    @Test
    void theEndOfASuccessorIsLearntThoughTheCommonPoolIsBlocked() throws Exception {
        CountDownLatch learnt = new CountDownLatch(1);
        List<Callable<Void>> blockers =
                Collections.nCopies(ForkJoinPool.getCommonPoolParallelism(), () -> waitFor(learnt));
        List<ForkJoinTask<Void>> blocked = blockers.stream()
                .map(each -> ForkJoinPool.commonPool().submit(each))
                .toList();
        try {
            assertTheEndOfASuccessorIsLearnt();
        } finally {
            learnt.countDown();
        }
        for (ForkJoinTask<Void> each : blocked) {
            each.get(10, TimeUnit.SECONDS);
        }
    }

    private static @Nullable Void waitFor(CountDownLatch latch) throws InterruptedException {
        latch.await();
        return null;
    }

    @Test
    void flightRecorderShowsThePhasesOfBothSides() throws Exception {
        Path file = directory.resolve("upgrade.jfr");
        try (Recording recording = new Recording()) {
            recording.enable("io.fdnetty.UpgradePhase");
            recording.start();
            try (EchoServer server = EchoServer.start(socket(), UnaryOperator.identity());
                    EchoServer successor = EchoServer.start(socket(), UnaryOperator.identity())) {
                server.upgrader.handedOver().toCompletableFuture().get(10, TimeUnit.SECONDS);
                assertThat(successor.upgrader.tookOver()).isTrue();
            }
            recording.dump(file);
        }
        assertThat(RecordingFile.readAllEvents(file).stream()
                        .map(event -> event.getString("role") + ' ' + event.getString("phase")))
                .contains("incumbent SendingState", "incumbent Moving", "successor Offered", "successor Receiving");
    }
}
