package io.fdnetty.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The clients of a {@link WireServer}, each in another situation, known by their numbers. */
final class WireClients implements AutoCloseable {
    static final int COUNT = 5;
    static final String HELLO = "hello ";
    static final String HOLD = "hold";

    /** Idle. */
    static final int IDLE = 1;

    /** Has sent half a frame. */
    static final int HALF_A_FRAME = 2;

    /** Has ended its output. */
    static final int HALF_CLOSED = 3;

    /** A successor may not want it. */
    static final int UNWELCOME = 4;

    /** The server has written something for it that it did not flush. */
    static final int UNWRITTEN = 5;

    private static final int PATIENCE_MILLIS = 60_000;

    private final Map<Integer, Socket> sockets = new TreeMap<>();

    /** Connects all and brings each into its situation; what the server does for that is done when this returns. */
    static WireClients of(WireServer server) throws IOException {
        return of(server.port());
    }

    static WireClients of(int port) throws IOException {
        WireClients clients = new WireClients();
        for (int number = 1; number <= COUNT; number++) {
            clients.add(number, new Socket(InetAddress.getLoopbackAddress(), port));
            clients.send(number, HELLO + number, number == HALF_A_FRAME ? 7 : 0);
            clients.expect(number, HELLO + number);
        }
        clients.sockets.get(HALF_CLOSED).shutdownOutput();
        clients.expect(HALF_CLOSED, "half");
        clients.send(UNWRITTEN, HOLD, 0);
        clients.expect(IDLE, "it is held");
        return clients;
    }

    /** Adds a client that some test connected. */
    void add(int number, Socket client) throws IOException {
        client.setSoTimeout(PATIENCE_MILLIS);
        client.setTcpNoDelay(true);
        sockets.put(number, client);
    }

    /**
     * Sends a frame, and so many bytes of the next one in the same segment: who has read the one has read the other.
     */
    private void send(int number, String text, int more) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(text.length());
        out.write(text.getBytes(UTF_8));
        out.write(frame("in two halves"), 0, more);
        sockets.get(number).getOutputStream().write(bytes.toByteArray());
    }

    private static byte[] frame(String text) {
        byte[] bytes = new byte[Integer.BYTES + text.length()];
        bytes[Integer.BYTES - 1] = (byte) text.length();
        System.arraycopy(text.getBytes(UTF_8), 0, bytes, Integer.BYTES, text.length());
        return bytes;
    }

    private void expect(int number, String text) throws IOException {
        DataInputStream in = new DataInputStream(sockets.get(number).getInputStream());
        byte[] answer = new byte[Math.min(100, in.readInt())];
        in.readFully(answer);
        assertThat(new String(answer, UTF_8)).as("client " + number).isEqualTo(text);
    }

    /** Each goes on where it was, whoever serves it now. */
    void assertGoOn(boolean unwelcomeToo) throws IOException {
        byte[] halves = frame("in two halves");
        sockets.get(HALF_A_FRAME).getOutputStream().write(halves, 7, halves.length - 7);
        expect(HALF_A_FRAME, "in two halves");
        List<Integer> others = new ArrayList<>(List.of(IDLE, UNWRITTEN));
        if (unwelcomeToo) {
            others.add(UNWELCOME);
        }
        for (int number : others) {
            send(number, "still here", 0);
            if (number == UNWRITTEN) {
                expect(number, "held");
            }
            expect(number, "still here");
        }
        assertThat(sockets.get(HALF_CLOSED).getInputStream().available()).isZero();
    }

    void close(int number) throws IOException {
        sockets.get(number).close();
    }

    @Override
    public void close() throws IOException {
        for (Socket socket : sockets.values()) {
            socket.close();
        }
    }
}
