package io.fdnetty.testsuite.load;

import io.fdnetty.testing.Eventually;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The kernel's table of TCP connections; see proc_pid_net(5). */
final class Connections {
    private static final String ESTABLISHED = "01";
    private static final List<Path> TABLES = List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"));

    private Connections() {}

    /** The local ports of all established connections to that port. */
    static Set<Integer> localPortsTo(long remotePort) throws IOException {
        try (Stream<String> lines =
                Stream.concat(Files.readAllLines(TABLES.get(0)).stream(), Files.readAllLines(TABLES.get(1)).stream())) {
            return lines.map(line -> line.strip().split("\\s+"))
                    .filter(fields -> fields.length > 3 && fields[3].equals(ESTABLISHED))
                    .filter(fields -> port(fields[2]) == remotePort)
                    .map(fields -> port(fields[1]))
                    .collect(Collectors.toSet());
        }
    }

    /** Waits until there are so many connections to that port. */
    static void await(long remotePort, int count) {
        Eventually.holds(count + " connections to " + remotePort, () -> {
            try {
                return localPortsTo(remotePort).size() >= count;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static int port(String address) {
        return Integer.parseInt(address.substring(address.indexOf(':') + 1), 16);
    }
}
