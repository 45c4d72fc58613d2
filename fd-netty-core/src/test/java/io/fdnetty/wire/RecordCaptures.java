package io.fdnetty.wire;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Takes the captures anew, for another version of the protocol: {@code java -cp TEST_CLASS_PATH
 * io.fdnetty.wire.RecordCaptures DIRECTORY}, on Java 22 or newer. Incumbent and successor are processes of their own
 * with one descriptor in a message, or with 253 for one of the captures.
 */
final class RecordCaptures {
    private static final String CLASS_PATH = System.getProperty("java.class.path");

    private final Path target;

    private RecordCaptures(Path target) {
        this.target = target;
    }

    public static void main(String[] args) throws Exception {
        RecordCaptures recorder = new RecordCaptures(Path.of(args[0]));
        Files.createDirectories(recorder.target);
        for (WireScenario scenario : WireScenario.values()) {
            recorder.record(scenario);
        }
        System.exit(0);
    }

    private void record(WireScenario scenario) throws Exception {
        Path directory = Files.createTempDirectory("fdn-");
        Path place = directory.resolve("i");
        Path entrance = directory.resolve("s");
        Process incumbent = start(scenario, place, false);
        int port = Integer.parseInt(incumbent.inputReader().readLine());
        try (WireClients clients = WireClients.of(port);
                WireRecorder recorder = new WireRecorder(entrance, place)) {
            Process successor = start(scenario, entrance, true);
            try {
                if (scenario.succeeds) {
                    recorder.awaitComplete();
                    clients.assertGoOn(false);
                    clients.close(WireClients.UNWELCOME);
                }
                recorder.finish(scenario.file()).save(target);
                System.out.println("recorded " + scenario);
            } finally {
                end(successor);
            }
        } finally {
            end(incumbent);
            delete(directory);
        }
    }

    private Process start(WireScenario scenario, Path socket, boolean successor) throws Exception {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        List<String> command = new ArrayList<>(List.of(java.toString()));
        command.add("-Dio.fdnetty.carrier=" + (scenario == WireScenario.FOREIGN ? "foreign" : "netty"));
        command.addAll(List.of("-cp", CLASS_PATH, WireServer.class.getName()));
        command.addAll(List.of(socket.toString(), scenario.name(), String.valueOf(successor)));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }

    private static void end(Process process) throws Exception {
        process.getOutputStream().close();
        process.waitFor();
    }
}
