package io.fdnetty.internal.listener;

import io.fdnetty.fd.Descriptor;
import io.fdnetty.fd.SocketKind;
import io.netty.channel.Channel;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;

/** A connection that this server's predecessor opened itself, so that no listener stands behind it. */
public final class OpenedConnection {
    private OpenedConnection() {}

    /**
     * Makes an unregistered channel without a parent.
     *
     * <p>Takes ownership of the descriptor: the channel owns it if this returns, it is closed if this throws. The
     * descriptor is made non-blocking.
     *
     * @throws IOException if it is no TCP or unix connection, or died on the way (the peer reset it)
     */
    public static Channel adopt(Descriptor connection) throws IOException {
        try (connection) {
            SocketKind kind = connection.kind();
            LiveSocketCheck.alive(connection, kind);
            connection.makeNonBlocking();
            return closingOnFailure(connection.take(), kind);
        }
    }

    private static Channel closingOnFailure(FileDescriptor fd, SocketKind kind) {
        boolean owned = false;
        try {
            Transport transport = Transport.current();
            Channel channel = kind == SocketKind.UNIX_CONNECTION
                    ? transport.newUnixConnection(fd.intValue())
                    : transport.newTcpConnection(fd.intValue());
            owned = true;
            return channel;
        } finally {
            if (!owned) {
                EventLoops.closeQuietly(fd);
            }
        }
    }
}
