package io.fdnetty.testsuite.pass;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.examples.process.JavaRuntime;
import io.fdnetty.examples.server.EventLine;
import io.fdnetty.testsuite.process.Jdks;
import io.fdnetty.testsuite.process.Programs;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code send} and {@code receive} against python3, which knows nothing of this project. */
class SendReceiveIT {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Pattern TCP_PORT = Pattern.compile("TCP connection on \\S+:(\\d+)");

    @RegisterExtension
    final Programs programs = new Programs();

    @Test
    void aFileGoesToPython() throws Exception {
        ChildProcess send = send(Jdks.current(), file("a", "from-a-file").toString());
        ChildProcess python = takeInPython(1);

        EventLine taken = python.await("taken", LIMIT).line();

        assertThat(taken.get("text")).isEqualTo("from-a-file");
        assertThat(taken.number("nonblocking")).isZero();
        assertThat(python.await("message", LIMIT).line().number("zero")).isEqualTo(1);
        assertThat(send.awaitExit(LIMIT)).isZero();
        assertThat(programs.path("s")).doesNotExist();
    }

    @Test
    @Tag("long")
    void aPipeGoesToPython() throws Exception {
        Path pipe = programs.path("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        ChildProcess send = programs.jar(
                "send", Jdks.current(), "send", "--socket", programs.path("s").toString(), pipe.toString());
        ChildProcess python;
        try (OutputStream writer = Files.newOutputStream(pipe)) { // opened when send has opened the other end
            send.awaitOutput("waiting for a peer", LIMIT);
            python = takeInPython(1);
            python.await("message", LIMIT);
            writer.write("through-a-pipe".getBytes(UTF_8));
        }

        assertThat(python.await("taken", LIMIT).line().get("text")).isEqualTo("through-a-pipe");
        assertThat(send.awaitExit(LIMIT)).isZero();
    }

    @Test
    void anAcceptedConnectionGoesToPython() throws Exception {
        ChildProcess send = programs.jar(
                "send", Jdks.current(), "send", "--socket", programs.path("s").toString(), "--tcp", "0");
        String said = send.awaitOutput("TCP connection on", LIMIT);
        Matcher port = TCP_PORT.matcher(said);
        assertThat(port.find()).isTrue();
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(port.group(1)))) {
            send.awaitOutput("waiting for a peer", LIMIT);
            ChildProcess python = takeInPython(1);
            assertThat(send.awaitExit(LIMIT)).isZero();
            client.getOutputStream().write("from-the-client".getBytes(UTF_8));
            client.shutdownOutput();

            EventLine taken = python.await("taken", LIMIT).line();

            assertThat(taken.get("kind")).isEqualTo("connection");
            assertThat(taken.get("text")).isEqualTo("from-the-client");
            assertThat(taken.number("nonblocking")).isZero();
        }
    }

    @Test
    void theSocketOfSendIsForItsOwnerAlone() throws Exception {
        send(Jdks.current(), file("a", "x").toString());

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(programs.path("s"))))
                .isEqualTo("rw-------");
    }

    @Test
    void manyFilesGoToPythonInOneMessage() throws Exception {
        ChildProcess send = send(Jdks.withForeignCalls(), files(253));
        ChildProcess python = takeInPython(253);

        EventLine message = python.await("message", LIMIT).line();

        assertThat(message.number("descriptors")).isEqualTo(253);
        assertThat(python.await("done", LIMIT).line().number("count")).isEqualTo(253);
        assertThat(python.await("taken", 253, LIMIT).line().get("text")).isEqualTo("file-252");
        assertThat(send.awaitExit(LIMIT)).isZero();
    }

    @Test
    @Tag("long")
    void oneFileTooManyIsRefusedWithTheLimit() throws Exception {
        ChildProcess send = start(Jdks.withForeignCalls(), files(254));

        assertThat(send.awaitExit(LIMIT)).isEqualTo(1);
        assertThat(send.output())
                .startsWith("fd-netty: one message carries at most 253 descriptors, not 254")
                .hasLineCount(1);
    }

    @Test
    @Tag("long")
    void withoutForeignCallsTwoFilesAreRefusedWithAWayOut() throws Exception {
        ChildProcess send = start(Jdks.withoutForeignCalls(), files(2));

        assertThat(send.awaitExit(LIMIT)).isEqualTo(1);
        assertThat(send.output())
                .contains("at most 1 descriptor")
                .contains("Java 22")
                .contains("--one-by-one");
    }

    @Test
    @Tag("long")
    void oneByOneEachFileHasAMessageOfItsOwn() throws Exception {
        List<String> arguments = new ArrayList<>(List.of(files(3)));
        arguments.add("--one-by-one");
        send(Jdks.withoutForeignCalls(), arguments.toArray(String[]::new));
        ChildProcess python = takeInPython(3);

        assertThat(python.await("done", LIMIT).line().number("count")).isEqualTo(3);
        assertThat(python.events("message")).hasSize(3);
    }

    @Test
    void whatPythonPassesIsCopied() throws Exception {
        Path file = file("a", "file;");
        ChildProcess python =
                passInPython("file=" + file, "pipe=pipe;", "tcp-connection=connection;", "nonblocking-pipe=last");
        ChildProcess receive = receive(Jdks.withForeignCalls());

        assertThat(receive.awaitExit(LIMIT)).isZero();
        assertThat(receive.output()).isEqualTo("file;pipe;connection;last");
        assertThat(python.await("passed", LIMIT).line().number("flags-kept")).isEqualTo(1);
    }

    @Test
    @Tag("long")
    void aFileIsCopiedFromWhereItStands() throws Exception {
        passInPython("file=" + file("stands-at-2", "0123456789"));
        ChildProcess receive = receive(Jdks.current());

        assertThat(receive.awaitExit(LIMIT)).isZero();
        assertThat(receive.output()).isEqualTo("23456789");
    }

    @Test
    @Tag("long")
    void aConnectionOfPythonIsCopiedToItsEnd() throws Exception {
        passInPython("tcp-connection=hello");
        ChildProcess receive = receive(Jdks.current());

        assertThat(receive.awaitExit(LIMIT)).isZero();
        assertThat(receive.output()).isEqualTo("hello");
    }

    @Test
    void aListeningSocketIsOnlyNamed() throws Exception {
        passInPython("tcp-listener");
        ChildProcess receive = receive(Jdks.current());

        assertThat(receive.awaitExit(LIMIT)).isZero();
        assertThat(receive.output()).contains("received-1 is a listening socket; nothing is accepted");
    }

    @Test
    @Tag("long")
    void manyDescriptorsInOneMessageAreAllCopied() throws Exception {
        passInPython("many=253");
        ChildProcess receive = receive(Jdks.withForeignCalls(), "--count", "253");

        assertThat(receive.awaitExit(LIMIT)).isZero();
        assertThat(receive.output()).isEqualTo("x".repeat(253));
    }

    @Test
    @Tag("long")
    void tooFewDescriptorsAreAnError() throws Exception {
        passInPython("pipe=x");
        ChildProcess receive = receive(Jdks.current(), "--count", "2");

        assertThat(receive.awaitExit(LIMIT)).isEqualTo(1);
        assertThat(receive.output()).contains("closed the connection after 1 descriptor");
    }

    @Test
    void withoutASenderReceiveSaysSo() throws Exception {
        ChildProcess receive = receive(Jdks.current());

        assertThat(receive.awaitExit(LIMIT)).isEqualTo(1);
        assertThat(receive.output()).startsWith("fd-netty: cannot connect to").hasLineCount(1);
    }

    private ChildProcess start(JavaRuntime runtime, String... arguments) {
        List<String> command =
                new ArrayList<>(List.of("send", "--socket", programs.path("s").toString()));
        command.addAll(List.of(arguments));
        return programs.jar("send", runtime, command.toArray(String[]::new));
    }

    private ChildProcess send(JavaRuntime runtime, String... arguments) throws InterruptedException {
        ChildProcess send = start(runtime, arguments);
        send.awaitOutput("waiting for a peer", LIMIT);
        return send;
    }

    private ChildProcess receive(JavaRuntime runtime, String... arguments) {
        List<String> command = new ArrayList<>(
                List.of("receive", "--socket", programs.path("s").toString()));
        command.addAll(List.of(arguments));
        return programs.jar("receive", runtime, command.toArray(String[]::new));
    }

    private ChildProcess takeInPython(int count) throws IOException {
        return programs.python("fds.py", "take", programs.path("s").toString(), String.valueOf(count));
    }

    private ChildProcess passInPython(String... what) throws IOException, InterruptedException {
        List<String> arguments =
                new ArrayList<>(List.of("pass", programs.path("s").toString()));
        arguments.addAll(List.of(what));
        ChildProcess python = programs.python("fds.py", arguments.toArray(String[]::new));
        python.await("listening", LIMIT);
        return python;
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(programs.path(name), text);
    }

    private String[] files(int count) throws IOException {
        String[] names = new String[count];
        for (int i = 0; i < count; i++) {
            names[i] = file("f" + i, "file-" + i).toString();
        }
        return names;
    }
}
