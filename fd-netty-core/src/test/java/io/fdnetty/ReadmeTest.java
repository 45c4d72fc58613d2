package io.fdnetty;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the README shows compiles, upgrades, and ends as it says; and what is missing is named. */
@Timeout(120)
class ReadmeTest {
    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();
    private static final String CLASS_PATH = System.getProperty("java.class.path");

    @TempDir
    Path directory;

    @BeforeEach
    void compileTheProgram() throws Exception {
        Path source = ReadmeMain.inRepository(ReadmeMain.PROGRAM);
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        int result = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        errors,
                        "-cp",
                        CLASS_PATH,
                        "-proc:none",
                        "-d",
                        directory.toString(),
                        source.toString());
        assertThat(result).as(errors.toString(StandardCharsets.UTF_8)).isZero();
    }

    @Test
    void theSnippetIsTheProgram() throws Exception {
        String readme = Files.readString(ReadmeMain.inRepository("README.md"));
        String program = Files.readString(ReadmeMain.inRepository(ReadmeMain.PROGRAM));
        assertThat(ReadmeMain.snippet(readme)).isEqualTo(ReadmeMain.shownPart(program));
        assertThat(ReadmeMain.shownPart(program).lines().count()).isLessThan(20);
    }

    private Path socket() {
        return directory.resolve("upgrade.sock");
    }

    private Process start(Path socket) throws Exception {
        return new ProcessBuilder(
                        JAVA,
                        "-cp",
                        directory + File.pathSeparator + CLASS_PATH,
                        "io.fdnetty.examples.simple.EchoServer",
                        socket.toString(),
                        "0")
                .redirectError(directory.resolve("stderr").toFile())
                .start();
    }

    @Test
    void theSnippetIsUpgradedAndItsOldProcessEndsWithStatusZero() throws Exception {
        Process old = start(socket());
        Process fresh = null;
        try (BufferedReader output = old.inputReader()) {
            String serving = output.readLine();
            int port = Integer.parseInt(serving.substring(serving.lastIndexOf(':') + 1));
            try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
                client.setSoTimeout(20_000);
                UpgraderTest.echo(client, "before");
                fresh = start(socket());
                assertThat(old.waitFor(60, TimeUnit.SECONDS)).isTrue();
                assertThat(old.exitValue()).isZero();
                UpgraderTest.echo(client, "after");
            }
        } finally {
            end(old);
            end(fresh);
        }
    }

    /** Its event loops are no daemons, and have no reason to end. */
    @Test
    void aStartThatFailsIsOneLineAndStatusOne() throws Exception {
        try (Upgrader starting = Upgrader.builder(socket()).name("echo").build()) {
            Process refused = start(socket());
            try {
                assertThat(refused.waitFor(60, TimeUnit.SECONDS)).isTrue();
                assertThat(refused.exitValue()).isEqualTo(1);
                assertThat(Files.readAllLines(directory.resolve("stderr")).stream()
                                .filter(line -> !line.isBlank() && !line.contains("WARNING")))
                        .singleElement()
                        .asString()
                        .startsWith("step hello: the predecessor refused (NOT_READY)");
                assertThat(starting.tookOver()).isFalse();
            } finally {
                end(refused);
            }
        }
    }

    private static void end(Process process) throws Exception {
        if (process != null) {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void aMissingNativeTransportIsNamedWithItsArtifactAndClassifier() throws Exception {
        String without = Stream.of(CLASS_PATH.split(File.pathSeparator, -1))
                .filter(entry -> !entry.contains("-native-epoll-"))
                .collect(Collectors.joining(File.pathSeparator));
        Process process = new ProcessBuilder(JAVA, "-cp", without, ReadmeMain.class.getName(), socket().toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader output = process.inputReader()) {
            assertThat(output.readLine())
                    .matches("neither epoll nor kqueue is available: add"
                            + " io.netty:netty-transport-native-epoll:4.2\\.\\d+"
                            + "\\.Final with the classifier linux-.* to the class path");
        } finally {
            end(process);
        }
    }

    @Test
    void anOlderNettyIsNamedInASentence() throws Exception {
        List<URL> classPath = new ArrayList<>();
        for (String entry : CLASS_PATH.split(File.pathSeparator, -1)) {
            classPath.add(new File(entry).toURI().toURL());
        }
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream before = System.out;
        try (Older older = new Older(classPath.toArray(URL[]::new))) {
            System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
            older.loadClass(ReadmeMain.class.getName())
                    .getMethod("main", String[].class)
                    .invoke(null, (Object) new String[] {socket().toString()});
        } finally {
            System.setOut(before);
        }
        assertThat(printed.toString(StandardCharsets.UTF_8))
                .startsWith("fd-netty needs Netty 4.2, and on the class path is");
    }

    /** Lacks what is new in 4.2. */
    private static final class Older extends URLClassLoader {
        Older(URL[] classPath) {
            super(classPath, ClassLoader.getPlatformClassLoader());
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            String type = name.substring(name.lastIndexOf('.') + 1);
            if (name.startsWith("io.netty.channel.") && (type.contains("IoHandle") || type.contains("IoEventLoop"))) {
                throw new ClassNotFoundException(name);
            }
            return super.findClass(name);
        }
    }
}
