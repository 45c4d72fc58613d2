package io.fdnetty.testkit;

import io.fdnetty.Connections;
import io.fdnetty.Upgrader;
import io.fdnetty.move.MoveExplanation;
import io.netty.channel.Channel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** One client, whose connection is to move when it has sent a part of what it has to say. Used by one thread. */
final class Probe implements AutoCloseable {
    private final byte[] input;
    private final int position;
    private final Socket socket;
    private @Nullable Channel connection;
    private @Nullable MoveExplanation explanation;
    private boolean moved;
    private String failure = "";

    Probe(InetSocketAddress server, byte[] input, int position) throws IOException {
        this.input = input;
        this.position = position;
        socket = new Socket(server.getAddress(), server.getPort());
        socket.setTcpNoDelay(true);
        send(0, position);
    }

    private void send(int from, int to) throws IOException {
        if (to > from) {
            socket.getOutputStream().write(input, from, to - from);
        }
    }

    /** Whether all that was sent has been read by the server; finds its end of the connection there. */
    boolean isRead(LoopbackServer server) {
        connection = server.connection(socket.getLocalPort());
        return connection != null && server.read(socket.getLocalPort()) >= position;
    }

    /** Asks whether the connection would move now. */
    boolean mayMove(Upgrader upgrader) {
        if (connection == null || !connection.isOpen()) {
            return false;
        }
        explanation = upgrader.explain(connection);
        return explanation.movesNow();
    }

    /** Whether it was let go, and has not left yet. */
    boolean isMissing() {
        moved = connection != null && Connections.hasLeft(connection);
        return !moved && wasWilling();
    }

    boolean hasMoved() {
        return moved;
    }

    /** Whether its handlers let it go. */
    boolean wasWilling() {
        return explanation != null && explanation.movesNow();
    }

    int position() {
        return position;
    }

    /** Why the connection stays, in the words of the library. */
    String whyNot() {
        return explanation == null ? "it had ended" : explanation.toString();
    }

    void sendRest() throws IOException {
        try {
            send(position, input.length);
        } catch (IOException e) {
            failure = "is broken: " + e.getMessage();
        }
    }

    /** Reads until nothing has come for so long. */
    Answer answer(Duration quiet) throws IOException {
        return read(bytes -> quiet, "");
    }

    /** Reads what is expected, until the deadline, and what is there besides. */
    Answer answer(Answer expected, long deadlineNanos) throws IOException {
        return read(
                bytes -> bytes < expected.length() || expected.hasEnded()
                        ? Duration.ofNanos(deadlineNanos - System.nanoTime())
                        : Duration.ZERO,
                failure);
    }

    private Answer read(IntFunction<Duration> patience, String before) throws IOException {
        ByteArrayOutputStream got = new ByteArrayOutputStream();
        byte[] buffer = new byte[4096];
        try {
            for (int count = 0; count >= 0; ) {
                got.write(buffer, 0, count);
                socket.setSoTimeout((int) Math.max(1, patience.apply(got.size()).toMillis())); // 0 would be forever
                count = socket.getInputStream().read(buffer);
            }
            return new Answer(got.toByteArray(), "is ended by the server");
        } catch (SocketTimeoutException nothingMore) {
            return new Answer(got.toByteArray(), before);
        } catch (IOException e) {
            return new Answer(got.toByteArray(), "is broken: " + e.getMessage());
        }
    }

    /** Where it is, for a message. */
    String place() {
        int from = Math.max(0, position - 30);
        return "position " + position + " of " + input.length
                + (position == 0 ? "" : ", after " + Answer.quote(Arrays.copyOf(input, position), from));
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
