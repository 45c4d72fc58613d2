package io.fdnetty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A successor in another user namespace, as in another container: the same user under another number takes over; where
 * a number tells nothing, nobody does. Skipped where user namespaces may not be made.
 */
@Tag("long")
@Timeout(60)
class UserNamespaceTest {
    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();

    @TempDir
    Path directory;

    @BeforeEach
    void mayMakeNamespaces() throws Exception {
        try {
            Process unshare = new ProcessBuilder("unshare", "-U", "-r", "true").start();
            assumeTrue(unshare.waitFor() == 0, "user namespaces may not be made here");
        } catch (IOException absent) {
            assumeTrue(false, "unshare is absent");
        }
    }

    private Path socket() {
        return directory.resolve("s");
    }

    @Test
    void theSameUserUnderAnotherNumberTakesOver() throws Exception {
        try (EchoServer server = EchoServer.start(socket(), UnaryOperator.identity());
                Socket client = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            client.setSoTimeout(10_000);
            UpgraderTest.echo(client, "before");
            Process successor = successor(List.of("unshare", "-U", "-r"));
            try {
                assertThat(server.upgrader
                                .handedOver()
                                .toCompletableFuture()
                                .get(40, TimeUnit.SECONDS)
                                .moved())
                        .isEqualTo(1);
                UpgraderTest.echo(client, "after");
            } finally {
                end(successor);
            }
        }
    }

    /** There everybody is 65534, the successor and its predecessor too. */
    @Test
    void whereNobodyHasANumberThePredecessorIsNotTrusted() throws Exception {
        try (EchoServer server = EchoServer.start(socket(), UnaryOperator.identity());
                Socket client = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            client.setSoTimeout(10_000);
            Process successor = successor(List.of("unshare", "-U"));
            successor.getOutputStream().close(); // so that it ends in any case
            String output =
                    new String(successor.getErrorStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            end(successor);
            assertThat(output)
                    .contains("the process that listens there is not trusted: uid 65534 may be anybody")
                    .contains("allowUser");
            UpgraderTest.echo(client, "still here");
            assertThat(server.upgrader.handedOver().toCompletableFuture()).isNotDone();
        }
    }

    private Process successor(List<String> inside) throws IOException {
        List<String> command = new ArrayList<>(inside);
        command.add(JAVA);
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        command.addAll(
                List.of("-cp", System.getProperty("java.class.path"), EchoMain.class.getName(), socket().toString()));
        return new ProcessBuilder(command).start();
    }

    private static void end(Process process) throws Exception {
        process.getOutputStream().close();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        process.getInputStream().close();
        process.getErrorStream().close();
    }
}
