package io.fdnetty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fdnetty.internal.sys.Carrier;
import io.fdnetty.testing.DescriptorLeaks;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An incumbent with the right uid, another program in another language, passes what is no listener, no connection and
 * no life-line: each is turned down with its reason, nothing blocks, nothing stays open.
 */
@ExtendWith(DescriptorLeaks.class)
@Timeout(60)
class HostileDescriptorsTest {
    private static final List<String> NO_SOCKETS = List.of(
            "pipe",
            "write-end",
            "fifo",
            "directory",
            "zero",
            "file",
            "path",
            "epoll",
            "memory",
            "seqpacket",
            "netlink");
    private static final List<String> UNFIT_SOCKETS = List.of("control", "circle", "udp");

    private static Process python;
    private static PrintWriter orders;
    private static BufferedReader answers;

    @TempDir
    Path directory;

    @BeforeAll
    static void startPython() throws Exception {
        boolean present = hasPython();
        if ("true".equals(System.getenv("CI"))) {
            assertThat(present).as("python3 is needed in CI").isTrue();
        }
        assumeTrue(present, "python3 is absent");
        Path script = Path.of(HostileDescriptorsTest.class
                .getResource("/python/hostile_incumbent.py")
                .toURI());
        python = new ProcessBuilder("python3", script.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        orders = new PrintWriter(python.outputWriter(), true);
        answers = python.inputReader();
    }

    private static boolean hasPython() throws InterruptedException {
        try {
            return new ProcessBuilder("python3", "-c", "import socket; socket.send_fds")
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException absent) {
            return false;
        }
    }

    @AfterAll
    static void stopPython() throws Exception {
        if (python != null) {
            orders.close();
            assertThat(python.waitFor()).isZero();
            answers.close();
        }
    }

    private static List<String> hostile() {
        return Stream.concat(NO_SOCKETS.stream(), UNFIT_SOCKETS.stream()).toList();
    }

    private static List<String> noLifelines() {
        return hostile().stream()
                .filter(kind -> !List.of("pipe", "write-end").contains(kind))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("hostile")
    void whatIsNoListenerIsRefusedBeforeAnythingChanges(String kind) throws Exception {
        assertRefused("listener", kind, "\"echo\" was announced as TCP_LISTENER but is ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp-connection", "unconnected"})
    void aConnectionIsNoListener(String kind) throws Exception {
        assertRefused("listener", kind, "\"echo\" was announced as TCP_LISTENER but is TCP_CONNECTION");
    }

    @ParameterizedTest
    @MethodSource("hostile")
    void whatIsNoControlListenerIsRefused(String kind) throws Exception {
        assertRefused("control", kind, "\"control\" was announced as UNIX_LISTENER but is ");
    }

    /** Announced as what it is. */
    @Test
    void aTcpListenerIsNoControlListener() throws Exception {
        assertRefused("control", "tcp-listener", "the control listener \"control\" is a TCP_LISTENER");
    }

    @ParameterizedTest
    @MethodSource("noLifelines")
    void whatIsNoPipeIsNoLifeline(String kind) throws Exception {
        assertRefused("lifeline", kind, "the life-line cannot be used: life-line is no pipe");
    }

    private void assertRefused(String place, String kind, String reason) throws Exception {
        Path socket = order(place, kind);
        if (kind.equals("path") && Carrier.kernel().descriptorsPerMessage() == 1) {
            assertLost(socket);
            return;
        }
        Throwable thrown = catchThrowable(() -> EchoServer.start(socket, settings -> settings));
        assertThat(answers.readLine()).contains("FAILED").contains(reason);
        assertThat(thrown).isInstanceOf(UpgradeException.class).hasMessageContaining(reason);
    }

    /** Netty's own calls cannot receive it. What the successor does when that incumbent is gone is not asked here. */
    private static void assertLost(Path socket) throws Exception {
        try (EchoServer alone = EchoServer.start(socket, settings -> settings)) {
            assertThat(alone.upgrader.tookOver()).isFalse();
        } catch (UpgradeException refused) {
            assertThat(refused).hasMessageContaining("did not arrive");
        }
        assertThat(answers.readLine()).contains("ABORT", "did not arrive");
    }

    /** Its incumbent shuts the control socket down, lives, and says nothing. */
    @Test
    void aLifelineThatBlocksDoesNotBlock() throws Exception {
        Path socket = order("silent", "-");
        Throwable thrown = catchThrowable(
                () -> EchoServer.start(socket, settings -> settings.stepTimeout(Duration.ofMillis(300))));
        orders.println("that was all");
        assertThat(answers.readLine()).isNotNull();
        assertThat(thrown).isInstanceOf(UpgradeException.class).hasMessageContaining("SILENT");
    }

    @Test
    void whatIsNoConnectionIsRejectedAloneAndTheOthersLiveOn() throws Exception {
        List<String> kinds = new ArrayList<>(hostile());
        kinds.addAll(List.of("tcp-listener", "unconnected", "tcp-connection"));
        Collections.swap(
                kinds,
                kinds.indexOf("path"),
                kinds.size() - 1); // behind it nothing arrives where Netty's own calls receive
        int good = kinds.indexOf("tcp-connection");
        Path socket = order("connection", String.join(",", kinds));
        try (EchoServer successor = EchoServer.start(socket, settings -> settings)) {
            List<String> said = List.of(answers.readLine().split("; ", -1));
            assertThat(said).contains("READY", "ADOPTED " + good, "ECHO hello", "COMPLETE");
            for (int i = 0; i < kinds.size(); i++) {
                String kind = kinds.get(i);
                String rejected = "REJECTED " + i + ' ';
                assertThat(said)
                        .as(kind)
                        .filteredOn(each -> each.startsWith(rejected))
                        .hasSize(kind.equals("tcp-connection") ? 0 : 1)
                        .allMatch(each -> each.contains(reason(kind)));
            }
            assertThat(successor.upgrader.tookOver()).isTrue();
        }
    }

    private static String reason(String kind) {
        return switch (kind) {
            case "path" -> Carrier.kernel().descriptorsPerMessage() == 1 ? "did not arrive" : "was opened with O_PATH";
            case "unconnected" -> "it is not connected";
            default -> "which a TCP_LISTENER does not accept";
        };
    }

    private Path order(String place, String kind) throws IOException {
        Path socket = directory.resolve("s");
        orders.println(socket + " " + place + " " + kind);
        assertThat(answers.readLine()).isEqualTo("listening");
        assertThat(Files.exists(socket)).isTrue();
        return socket;
    }
}
