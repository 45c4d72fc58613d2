package io.fdnetty.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fdnetty.UpgradeException;
import io.fdnetty.UpgradeReport;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
class TestUpgradeTest {
    @RegisterExtension
    final UpgradeExtension<LineServer> extension = UpgradeExtension.of(LineServer.with(Sessions.Right::new));

    @Test
    void aClientGoesOnTalkingThroughTwoUpgrades() throws Exception {
        TestUpgrade<LineServer> upgrade = extension.get();
        LineServer first = upgrade.server();
        try (Client client = new Client(first.port())) {
            client.says("Ada");
            client.isAnswered("one", "Ada 1");
            UpgradeReport report = upgrade.upgrade();
            assertThat(report.moved()).isEqualTo(1);
            upgrade.assertNothingKept();
            assertThat(upgrade.server()).isNotSameAs(first);
            assertThat(upgrade.upgrader().generation()).isEqualTo(2);
            client.isAnswered("two", "Ada 2");
            upgrade.upgrade();
            client.isAnswered("three", "Ada 3");
        }
    }

    @Test
    void whatStayedIsNamedWithItsReason() throws Exception {
        try (TestUpgrade<LineServer> upgrade =
                        TestUpgrade.start(LineServer.with(Sessions.Sticky::new)).ignoringLeaks();
                Client client = new Client(upgrade.server().port())) {
            client.says("Ada");
            client.isAnswered("one", "Ada 1");
            assertThatThrownBy(upgrade::assertNothingKept).isInstanceOf(IllegalStateException.class);
            upgrade.upgrade();
            assertThatThrownBy(upgrade::assertNothingKept)
                    .isInstanceOf(AssertionError.class)
                    .hasMessageStartingWith("1 connections stayed, 0 moved:\n  1 x ")
                    .hasMessageContaining("it is glued to this process");
        }
    }

    @Test
    void aNewVersionThatDoesNotStartLeavesTheOldOneServing() throws Exception {
        TestUpgrade<LineServer> upgrade = extension.get();
        try (Client client = new Client(upgrade.server().port())) {
            client.says("Ada");
            assertThatThrownBy(() -> upgrade.upgrade(upgrader -> {
                        throw new IOException("no configuration");
                    }))
                    .isInstanceOf(IOException.class)
                    .hasMessage("no configuration");
            client.isAnswered("one", "Ada 1");
            assertThatThrownBy(() -> upgrade.upgrade(upgrader -> {
                        upgrader.refuse("not today");
                        return LineServer.with(Sessions.Right::new).start(upgrader);
                    }))
                    .isInstanceOf(UpgradeException.class)
                    .hasMessageContaining("not today");
            client.isAnswered("two", "Ada 2");
            upgrade.upgrade();
            client.isAnswered("three", "Ada 3");
        }
    }

    @Test
    void aSocketThatIsLeftOpenFailsTheEndOfTheTest() throws Exception {
        TestUpgrade<LineServer> upgrade = TestUpgrade.start(LineServer.with(Sessions.Right::new));
        try (Socket forgotten = new Socket()) {
            forgotten.bind(null);
            assertThatThrownBy(upgrade::close)
                    .isInstanceOf(AssertionError.class)
                    .hasMessageStartingWith("1 descriptors were opened and not closed: ")
                    .hasMessageContaining("socket:");
        }
        upgrade.close();
    }

    private static final class Client implements AutoCloseable {
        private final Socket socket;
        private final BufferedReader answers;

        Client(int port) throws IOException {
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setSoTimeout(10_000);
            answers = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
        }

        void says(String line) throws IOException {
            socket.getOutputStream().write((line + "\n").getBytes(UTF_8));
        }

        void isAnswered(String line, String answer) throws IOException {
            says(line);
            assertThat(answers.readLine()).isEqualTo(answer);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
