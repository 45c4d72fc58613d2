package io.fdnetty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fdnetty.testing.DescriptorLeaks;
import io.fdnetty.testing.Eventually;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Connections that share state move together or not at all, while they talk to each other. */
@ExtendWith(DescriptorLeaks.class)
@Timeout(120)
class TogetherTest {
    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();

    @TempDir
    Path directory;

    private final Room first = new Room();
    private final Room second = new Room();

    private RoomServer incumbent(UnaryOperator<UpgraderBuilder> settings) throws Exception {
        return RoomServer.start(socket(), first, settings);
    }

    private Path socket() {
        return directory.resolve("upgrade.sock");
    }

    private static RoomClients talk(int port, Room room, int count) throws InterruptedException {
        RoomClients clients = RoomClients.connect(port, count, 10);
        Eventually.holds("all have joined", () -> room.joined.get() == count);
        clients.talk();
        clients.awaitLines(50);
        return clients;
    }

    @Test
    void everyLineReachesEveryMemberOnceAndTheRoomKnowsThemAll() throws Exception {
        try (RoomServer old = incumbent(RoomServer::patiently);
                RoomClients clients = talk(old.port(), first, 200)) {
            assertRelieved(old, clients, 200);
        }
    }

    /** The successor's own builder says nothing of together: the incumbent decides. */
    private void assertRelieved(RoomServer old, RoomClients clients, int count) throws Exception {
        try (RoomServer next = RoomServer.start(socket(), second, UnaryOperator.identity())) {
            UpgradeReport report =
                    old.upgrader.handedOver().toCompletableFuture().get(30, TimeUnit.SECONDS);
            clients.awaitLines(50);

            assertThat(clients.settle()).isEqualTo(next.room.lines.get());
            assertThat(report.moved()).isEqualTo(count);
            assertThat(next.room.members).hasSize(count);
            assertThat(next.room.joined).hasValue(count);
            assertThat(first.failedWrites).hasValue(0);
            assertThat(next.room.failedWrites).hasValue(0);
        }
    }

    @Test
    void ifOneIsRejectedAllComeBack() throws Exception {
        try (RoomServer old = incumbent(RoomServer::patiently);
                RoomClients clients = talk(old.port(), first, 40)) {
            Room unfriendly = new Room();
            unfriendly.unwelcome = 7;
            assertThatThrownBy(() -> RoomServer.start(socket(), unfriendly, UnaryOperator.identity()))
                    .isInstanceOf(UpgradeException.class)
                    .hasMessageContaining("member 7 is not welcome");
            assertThat(old.failure()).contains("AwaitComplete", "member 7 is not welcome");
            clients.awaitLines(50);
            assertThat(unfriendly.failedWrites).hasValue(0);

            assertRelieved(old, clients, 40);
        }
    }

    @Test
    void ifOneDoesNotStopInTimeNobodyMoves() throws Exception {
        first.stubborn = 5;
        try (RoomServer old = incumbent(builder -> builder.together(Duration.ofSeconds(2)));
                RoomClients clients = talk(old.port(), first, 40)) {
            assertThatThrownBy(() -> RoomServer.start(socket(), new Room(), UnaryOperator.identity()))
                    .isInstanceOf(UpgradeException.class);
            assertThat(old.failure())
                    .contains("StoppingConnections", "1 of 40 connections did not stop", "Member says not now (1)");
            clients.awaitLines(50);
            first.stubborn = 0;

            assertRelieved(old, clients, 40);
        }
    }

    @Test
    void ifTheSuccessorIsKilledAllComeBack() throws Exception {
        try (RoomServer old = incumbent(RoomServer::patiently);
                RoomClients clients = talk(old.port(), first, 40)) {
            Process killed = process(39);
            assertThat(killed.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(killed.exitValue()).isEqualTo(9);
            end(killed);
            assertThat(old.failure()).contains("AwaitComplete");
            clients.awaitLines(50);

            assertRelieved(old, clients, 40);
        }
    }

    @Test
    void ifTheIncumbentIsKilledTheSuccessorServesAllThatArrived() throws Exception {
        Process old = process(40);
        try (BufferedReader output = old.inputReader()) {
            int port = Integer.parseInt(output.readLine());
            try (RoomClients clients = RoomClients.connect(port, 40, 10)) {
                assertThat(output.readLine()).isEqualTo("all have joined");
                second.onArrival = () -> killWithTheLast(old);
                clients.talk();
                clients.awaitLines(50);
                try (RoomServer next = RoomServer.start(socket(), second, UnaryOperator.identity())) {
                    clients.awaitLines(50);
                    assertThat(clients.settle()).isEqualTo(next.room.lines.get());
                    assertThat(next.room.members).hasSize(40);
                }
            }
        } finally {
            end(old);
        }
    }

    private static void end(Process process) throws Exception {
        process.destroyForcibly().waitFor();
        process.getOutputStream().close();
        process.getInputStream().close();
    }

    /** The successor cannot have acknowledged anything before its last member has arrived. */
    private void killWithTheLast(Process old) {
        if (second.arrived.get() == 40) {
            old.destroyForcibly().onExit().join();
        }
    }

    private Process process(int last) throws Exception {
        return new ProcessBuilder(
                        JAVA,
                        "-cp",
                        System.getProperty("java.class.path"),
                        RoomMain.class.getName(),
                        socket().toString(),
                        String.valueOf(last))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
