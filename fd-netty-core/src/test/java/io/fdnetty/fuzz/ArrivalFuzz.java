package io.fdnetty.fuzz;

import io.fdnetty.fd.SocketKind;
import io.fdnetty.internal.arrival.Arrival;
import io.fdnetty.internal.arrival.UnitArrival;
import io.fdnetty.internal.machine.LostParts;
import io.fdnetty.internal.protocol.ConnectionPart;
import io.fdnetty.internal.protocol.ConnectionUnit;
import io.fdnetty.internal.protocol.HandlerState;
import io.netty.buffer.ByteBuf;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Arbitrary units with real descriptors of every kind arrive at a real server. Each is answered once; only a live
 * connection of the kind that its listener accepts is adopted; what is not started sends nothing; no descriptor and no
 * buffer leaks.
 */
public final class ArrivalFuzz {
    private static final String[] KINDS = {"tcp-echo", "unix-echo", "backend", "nobody"};
    private static final String[] ROLES = {"accepted", "opened", "backend", "nobody"};
    private static final String[] LISTENERS = {"tcp", "unix", "nobody", ""};
    private static final String[] STATES = {"echo", "nobody", ""};
    private static final int NO_DESCRIPTOR = Hoard.KINDS;
    private static final int MOST_ATTEMPTS = 10;

    private static @Nullable ArrivalFuzz current;

    private final ArrivalServer server = new ArrivalServer();
    private final Hoard hoard = new Hoard();
    private final List<Integer> handedOut = new ArrayList<>();
    private final List<Arrival> answers = new ArrayList<>();

    private ArrivalFuzz() throws IOException {}

    public static void fuzzerTestOneInput(byte[] data) throws IOException {
        if (current == null) {
            current = new ArrivalFuzz();
        }
        int attempts = 0;
        while (!current.run(new FuzzInput(data))) {
            // Another thread of the Java runtime may have opened something; a leak comes every time.
            Checks.that(++attempts < MOST_ATTEMPTS, "descriptors are left open");
            current.hoard.renewAll();
        }
    }

    /** Closes the server; the next execution makes another. */
    static void close() throws IOException {
        if (current != null) {
            current.server.close();
            current.hoard.close();
            current = null;
        }
    }

    /** False if descriptors are left open. */
    private boolean run(FuzzInput input) throws IOException {
        handedOut.clear();
        answers.clear();
        int then = input.u8();
        ConnectionUnit unit = unit(input);
        UnitArrival.adopt(server.connections, unit, answers::add);
        server.run();
        Checks.that(answers.size() == 1, "answers", answers.size());
        boolean used = answers.get(0).isAdopted() && adopted(unit, answers.get(0), then);
        server.run();
        if (!used) {
            hoard.assertClientsUndisturbed();
        }
        server.closeConnections();
        Checks.that(answers.size() == 1, "answers", answers.size());
        Checks.that(server.connections.open().isEmpty(), "a connection stays");
        Checks.that(server.alloc.metric().usedHeapMemory() == 0, "buffers are leaked");
        Checks.that(unit.refCnt() == 0, "the unit is leaked");
        boolean closed = hoard.areCopiesClosed();
        if (used) {
            hoard.renew(Hoard.TCP);
            hoard.renew(Hoard.UNIX);
        }
        return closed;
    }

    /** True if its peer may notice. */
    private boolean adopted(ConnectionUnit unit, Arrival arrival, int then) throws IOException {
        Checks.that(handedOut.size() == unit.parts().size(), "adopted in part", handedOut);
        for (int i = 0; i < handedOut.size(); i++) {
            assertAcceptable(unit, i, handedOut.get(i));
        }
        Checks.that(
                unit.version() >= ArrivalServer.OLDEST && unit.version() <= ArrivalServer.NEWEST,
                "adopted in another version");
        return end(arrival, hoard.client(handedOut.get(0)), then);
    }

    private static void assertAcceptable(ConnectionUnit unit, int index, int which) {
        ConnectionPart part = unit.parts().get(index);
        boolean accepted = index == 0 && !unit.kind().equals("backend");
        Checks.that(which <= Hoard.UNIX, "what is no connection was adopted", which);
        Checks.that(part.role().equals(role(index, accepted)), "adopted in another role", part);
        if (accepted) {
            Checks.that(unit.kind().equals(part.listener() + "-echo"), "adopted as another kind");
            Checks.that(Hoard.kind(which) == accepted(part.listener()), "a connection of another kind was adopted");
        } else {
            Checks.that(part.listener().isEmpty(), "no listener accepted it", part);
        }
        Checks.that(part.state().stream().allMatch(state -> state.name().equals("echo")), "a state is lost");
    }

    private static String role(int index, boolean accepted) {
        return accepted ? "accepted" : index == 0 ? "opened" : "backend";
    }

    private static SocketKind accepted(String listener) {
        return listener.equals("tcp") ? SocketKind.TCP_CONNECTION : SocketKind.UNIX_CONNECTION;
    }

    private boolean end(Arrival arrival, Socket client, int then) throws IOException {
        if ((then & 3) == 0) {
            arrival.abandon();
            arrival.start();
            return false;
        }
        if ((then & 4) != 0) {
            client.write(ByteBuffer.allocateDirect(3), 0, 3);
        }
        if ((then & 8) != 0) {
            client.shutdown(false, true);
        }
        if ((then & 16) != 0) {
            server.run();
        }
        if ((then & 32) != 0) {
            client.shutdown(true, true);
        }
        arrival.start();
        if ((then & 64) != 0) {
            server.run();
        }
        arrival.abandon();
        return true;
    }

    // ---- units

    private ConnectionUnit unit(FuzzInput input) throws IOException {
        int shape = input.u8();
        int parts = shape < 192 ? 1 : 1 + (shape & 3);
        String kind = KINDS[input.below(KINDS.length)];
        int version = input.below(5) - 1;
        List<ConnectionPart> all = new ArrayList<>();
        for (int i = 0; i < parts; i++) {
            all.add(part(input));
        }
        return new ConnectionUnit(shape - 5, kind, version, -shape, all);
    }

    private ConnectionPart part(FuzzInput input) throws IOException {
        int which = input.below(NO_DESCRIPTOR + 1);
        String role = ROLES[input.below(ROLES.length)];
        String listener = LISTENERS[input.below(LISTENERS.length)];
        int flags = input.below(8);
        List<HandlerState> states = states(input);
        ByteBuf unread = bytes(input);
        ByteBuf unwritten = bytes(input);
        if (which == NO_DESCRIPTOR) {
            return LostParts.of(role, listener, flags, unread, unwritten, states);
        }
        handedOut.add(which);
        return new ConnectionPart(role, listener, hoard.copy(which), flags, unread, unwritten, states);
    }

    private List<HandlerState> states(FuzzInput input) {
        List<HandlerState> states = new ArrayList<>();
        for (int i = input.below(4); i > 0; i--) {
            states.add(new HandlerState(STATES[input.below(STATES.length)], input.below(4), bytes(input)));
        }
        return states;
    }

    private ByteBuf bytes(FuzzInput input) {
        byte[] bytes = input.take(input.below(40));
        return server.alloc.heapBuffer(bytes.length).writeBytes(bytes);
    }
}
