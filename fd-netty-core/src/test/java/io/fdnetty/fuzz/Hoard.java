package io.fdnetty.fuzz;

import io.fdnetty.fd.Descriptor;
import io.fdnetty.fd.SocketKind;
import io.fdnetty.testing.SocketPairs;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Real descriptors of every kind to hand out copies of, and the proof that all the copies are closed again. */
final class Hoard {
    static final int TCP = 0;
    static final int UNIX = 1;
    static final int KINDS = 9;

    private static final int PROBES = 4;
    private static final InetSocketAddress LOOPBACK = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private final Socket[] copier = SocketPairs.unix();
    private final Socket tcpListener = Socket.newSocketStream();
    private final FileDescriptor[] originals = new FileDescriptor[KINDS];
    private final Socket[] clients = new Socket[2];
    private final FileDescriptor pipeEnd;
    private final ByteBuffer oneRead = ByteBuffer.allocateDirect(256);
    private final int[] free = new int[PROBES];

    Hoard() throws IOException {
        tcpListener.bind(LOOPBACK);
        tcpListener.listen(16);
        Socket unixListener = Socket.newSocketDomain();
        unixListener.bind(SocketPairs.address());
        unixListener.listen(1);
        Socket udp = Socket.newSocketDgram();
        udp.bind(LOOPBACK);
        originals[2] = tcpListener;
        originals[3] = unixListener;
        originals[4] = udp;
        FileDescriptor[] pipe = FileDescriptor.pipe();
        originals[5] = pipe[0];
        pipeEnd = pipe[1];
        originals[6] = FileDescriptor.from(new File("/dev/zero"));
        File file = File.createTempFile("fd-netty", ".fuzz");
        originals[7] = FileDescriptor.from(file); // opens for writing
        Checks.that(file.delete(), "delete");
        originals[8] = Socket.newSocketStream(); // not connected
        renewAll();
    }

    /** What the kernel must say about a copy of it. */
    static SocketKind kind(int which) {
        return switch (which) {
            case TCP, 8 -> SocketKind.TCP_CONNECTION;
            case UNIX -> SocketKind.UNIX_CONNECTION;
            case 2 -> SocketKind.TCP_LISTENER;
            case 3 -> SocketKind.UNIX_LISTENER;
            case 4 -> SocketKind.UDP;
            default -> SocketKind.OTHER;
        };
    }

    Descriptor copy(int which) throws IOException {
        Checks.that(copier[0].sendFd(originals[which].intValue()) > 0, "sendFd");
        int copy = copier[1].recvFd();
        Checks.that(copy > 0, "recvFd");
        return Descriptor.adopt(new FileDescriptor(copy), "copy");
    }

    /** The other end of a connection. */
    Socket client(int which) {
        return clients[which];
    }

    /** No byte and no end of the stream has come to the other ends. */
    void assertClientsUndisturbed() throws IOException {
        for (Socket client : clients) {
            Checks.that(client.read(oneRead, 0, 1) == 0, "the client noticed");
        }
    }

    /**
     * Whether everything that was opened since the last {@link #renew} is closed: new descriptors get the lowest free
     * numbers.
     */
    boolean areCopiesClosed() throws IOException {
        return Arrays.equals(probe(), free);
    }

    /** Makes a used connection as it was: emptied, or a fresh one if either end has ended. */
    void renew(int which) throws IOException {
        if (!isEmptied(clients[which]) || !isEmptied(originals[which])) {
            connect(which);
            remember();
        }
    }

    /** Fresh connections. */
    void renewAll() throws IOException {
        connect(TCP);
        connect(UNIX);
        remember();
    }

    private boolean isEmptied(FileDescriptor end) {
        try {
            int read = 1;
            while (read > 0) {
                oneRead.clear();
                read = end.read(oneRead, 0, oneRead.capacity());
            }
            return read == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private void connect(int which) throws IOException {
        if (clients[which] != null) {
            clients[which].close();
            originals[which].close();
        }
        if (which == TCP) {
            clients[TCP] = Socket.newSocketStream();
            clients[TCP].connect(tcpListener.localAddress());
            originals[TCP] = new Socket(tcpListener.accept(new byte[26]));
        } else {
            Socket[] pair = SocketPairs.unix();
            clients[UNIX] = pair[0];
            originals[UNIX] = pair[1];
        }
    }

    private void remember() throws IOException {
        System.arraycopy(probe(), 0, free, 0, PROBES);
    }

    void close() throws IOException {
        pipeEnd.close();
        for (FileDescriptor original : originals) {
            original.close();
        }
        for (Socket socket : new Socket[] {clients[TCP], clients[UNIX], copier[0], copier[1]}) {
            socket.close();
        }
    }

    private static int[] probe() throws IOException {
        FileDescriptor[] one = FileDescriptor.pipe();
        FileDescriptor[] two = FileDescriptor.pipe();
        int[] numbers = {one[0].intValue(), one[1].intValue(), two[0].intValue(), two[1].intValue()};
        one[0].close();
        one[1].close();
        two[0].close();
        two[1].close();
        return numbers;
    }
}
