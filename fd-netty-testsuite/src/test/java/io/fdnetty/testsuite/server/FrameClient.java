package io.fdnetty.testsuite.server;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Arrays;

/** A client that sends frames over one connection. */
final class FrameClient implements EchoClient {
    private static final int PATIENCE_MILLIS = 20_000;
    private static final int FRAME_BYTES = 100;

    private final Closeable connection;
    private final DataInputStream in;
    private final DataOutputStream out;
    private int sent;

    private FrameClient(Closeable connection, DataInputStream in, DataOutputStream out) {
        this.connection = connection;
        this.in = in;
        this.out = out;
    }

    static FrameClient tcp(long port) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), (int) port);
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        return new FrameClient(
                socket, new DataInputStream(socket.getInputStream()), new DataOutputStream(socket.getOutputStream()));
    }

    /** Its reads have no time limit of their own. */
    static FrameClient unix(Path path) throws IOException {
        SocketChannel socket = SocketChannel.open(UnixDomainSocketAddress.of(path));
        return new FrameClient(
                socket,
                new DataInputStream(Channels.newInputStream(socket)),
                new DataOutputStream(Channels.newOutputStream(socket)));
    }

    @Override
    public void exchange() throws IOException {
        byte[] frame = new byte[FRAME_BYTES];
        Arrays.fill(frame, (byte) sent++);
        out.writeInt(frame.length);
        out.write(frame);
        byte[] answer = new byte[Math.min(frame.length, in.readInt())];
        in.readFully(answer);
        if (!Arrays.equals(answer, frame)) {
            throw new IOException("frame " + sent + " came back changed");
        }
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }
}
