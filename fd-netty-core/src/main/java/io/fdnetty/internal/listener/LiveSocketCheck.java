package io.fdnetty.internal.listener;

import io.fdnetty.fd.Descriptor;
import io.fdnetty.fd.SocketKind;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A connection that was handed over and is alive.
 *
 * @param remote its peer; null for a unix connection
 */
record LiveSocketCheck(@Nullable InetSocketAddress remote) {
    /**
     * Asks the kernel whether the descriptor is a connection of this kind of listener, and alive.
     *
     * <p>A channel that is made from a dead one is active or not, but never hears of its end. SO_ERROR alone does not
     * tell: whoever asks first clears it.
     *
     * @throws IOException if it is not; ownership stays with the caller
     */
    static LiveSocketCheck check(Descriptor connection, SocketKind listener) throws IOException {
        SocketKind expected =
                listener == SocketKind.UNIX_LISTENER ? SocketKind.UNIX_CONNECTION : SocketKind.TCP_CONNECTION;
        SocketKind kind = connection.kind();
        if (listener == SocketKind.UDP || kind != expected) {
            throw new IOException(connection.name() + " is a " + kind + ", which a " + listener + " does not accept");
        }
        return alive(connection, kind);
    }

    /**
     * Asks the kernel whether the descriptor is a connection of this kind, and alive.
     *
     * @throws IOException if it is not
     */
    static LiveSocketCheck alive(Descriptor connection, SocketKind kind) throws IOException {
        if (kind != SocketKind.TCP_CONNECTION && kind != SocketKind.UNIX_CONNECTION) {
            throw new IOException(connection.name() + " is a " + kind + ", which is no connection");
        }
        Socket socket = new Socket(connection.peek().intValue());
        int error = socket.getSoError();
        if (error != 0) {
            throw new IOException(connection.name() + " died on the way: SO_ERROR " + error);
        }
        return kind == SocketKind.UNIX_CONNECTION ? new LiveSocketCheck(null) : connectedTo(socket, connection.name());
    }

    private static LiveSocketCheck connectedTo(Socket socket, String name) throws IOException {
        InetSocketAddress remote = socket.remoteAddress();
        if (remote == null) {
            throw new IOException(name + " died on the way: it is not connected any more");
        }
        return new LiveSocketCheck(remote);
    }
}
