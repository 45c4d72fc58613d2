package io.fdnetty;

import java.nio.file.Path;

/**
 * One generation of {@link RoomServer} as a process of its own. Its arguments are the control socket and a number of
 * members: it dies with the last of so many that arrive; it prints its port, and a line when so many have joined. Ends
 * with its standard input.
 */
final class RoomMain {
    private static final int KILLED = 9;

    private RoomMain() {}

    public static void main(String[] args) throws Exception {
        int last = Integer.parseInt(args[1]);
        Room room = new Room();
        room.onArrival = () -> {
            if (room.arrived.get() == last) {
                Runtime.getRuntime().halt(KILLED);
            }
        };
        try (RoomServer server = RoomServer.start(Path.of(args[0]), room, RoomServer::patiently)) {
            room.onJoin = () -> {
                if (room.joined.get() == last) {
                    System.out.println("all have joined");
                }
            };
            System.out.println(server.port());
            while (System.in.read() >= 0) {
                // Until whoever started this process closes the pipe.
            }
        }
    }
}
