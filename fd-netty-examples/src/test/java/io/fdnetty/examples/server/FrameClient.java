package io.fdnetty.examples.server;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Arrays;

/** A TCP client of an echo server, for tests: one frame at a time, each answer compared. Its owner closes it. */
final class FrameClient implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 20_000;

    private final Socket socket;
    private int sent;

    FrameClient(long port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), (int) port);
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
    }

    /** Sends the next frame and reads it back. */
    void exchange() throws IOException {
        byte[] frame = new byte[100];
        Arrays.fill(frame, (byte) sent++);
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        out.writeInt(frame.length);
        out.write(frame);
        DataInputStream in = new DataInputStream(socket.getInputStream());
        byte[] answer = new byte[Math.min(frame.length, in.readInt())];
        in.readFully(answer);
        if (!Arrays.equals(answer, frame)) {
            throw new IOException("frame " + sent + " came back changed");
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
