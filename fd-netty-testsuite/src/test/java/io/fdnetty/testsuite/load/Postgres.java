package io.fdnetty.testsuite.load;

import io.fdnetty.examples.ProgramException;
import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.testsuite.process.Programs;
import io.fdnetty.testsuite.process.Tools;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A PostgreSQL server with an empty database of its own, run by another user if the test is root's, whom it refuses.
 */
final class Postgres implements AutoCloseable {
    /** Debian's package makes this user. */
    private static final String USER = "postgres";

    private final Path home;
    private final int port;
    private final ChildProcess server;

    private Postgres(Path home, int port, ChildProcess server) {
        this.home = home;
        this.port = port;
        this.server = server;
    }

    /** Starts one that accepts connections. */
    static Postgres start(Programs programs) throws IOException, InterruptedException {
        String initdb = Tools.requirePostgres("initdb").toString();
        String postgres = Tools.requirePostgres("postgres").toString();
        Path home = Files.createTempDirectory("fdn-pg-");
        try {
            giveAway(home);
            String data = home.resolve("data").toString();
            run(programs, "initdb", asUser(initdb, "-D", data, "-A", "trust", "-U", USER, "--no-sync", "--locale=C"));
            int port = Backends.freePort();
            ChildProcess server = programs.command("postgres", asUser(postgres, settings(data, home, port)));
            server.awaitOutput("ready to accept connections", Generations.LIMIT);
            return new Postgres(home, port, server);
        } catch (IOException | InterruptedException | RuntimeException e) {
            delete(home);
            throw e;
        }
    }

    private static String[] settings(String data, Path home, int port) {
        return new String[] {
            "-D",
            data,
            "-p",
            String.valueOf(port),
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "unix_socket_directories=" + home,
            "-c",
            "fsync=off"
        };
    }

    private static boolean isRoot() {
        return System.getProperty("user.name").equals("root");
    }

    private static void giveAway(Path home) throws IOException {
        if (isRoot()) {
            Files.setOwner(
                    home, home.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(USER));
        }
    }

    private static List<String> asUser(String program, String... arguments) {
        List<String> command = new ArrayList<>();
        if (isRoot()) {
            String setpriv = Tools.require("setpriv").toString();
            command.addAll(List.of(setpriv, "--reuid=" + USER, "--regid=" + USER, "--clear-groups"));
        }
        command.add(program);
        command.addAll(List.of(arguments));
        return command;
    }

    /** Runs a program to its end. */
    static String run(Programs programs, String name, List<String> command) throws InterruptedException {
        ChildProcess program = programs.command(name, command);
        if (program.awaitExit(Generations.LIMIT) != 0) {
            throw new ProgramException(name + " failed: " + program.output());
        }
        return program.output();
    }

    int port() {
        return port;
    }

    /** Sends one statement to the server itself; returns the value that it gives. */
    String value(Programs programs, String statement) throws InterruptedException {
        String psql = Tools.requirePostgres("psql").toString();
        List<String> command = List.of(
                psql,
                "-h",
                "127.0.0.1",
                "-p",
                String.valueOf(port),
                "-U",
                USER,
                "-X",
                "-A",
                "-t",
                "-c",
                statement,
                USER);
        return run(programs, "psql", command).strip();
    }

    /** Ends it in order: one that is killed leaves shared memory behind. */
    @Override
    public void close() throws IOException {
        try {
            server.signal("INT");
            server.awaitExit(Generations.LIMIT);
        } catch (InterruptedException e) {
            throw new ProgramException("interrupted while PostgreSQL ends", e);
        } finally {
            delete(home);
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(Postgres::deleteOne);
        }
    }

    private static void deleteOne(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
