package io.fdnetty.internal.listener;

import io.fdnetty.fd.SocketKind;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Addresses of sockets: asked from the kernel, compared, and encoded as Netty's accept hands them on. */
final class Addresses {
    private Addresses() {}

    /** What the kernel says the socket is bound to; null if it is not bound. */
    static @Nullable SocketAddress local(SocketKind kind, FileDescriptor fd) {
        Socket socket = new Socket(fd.intValue());
        if (kind != SocketKind.UNIX_LISTENER) {
            return socket.localAddress();
        }
        DomainSocketAddress address = socket.localDomainSocketAddress();
        return address == null || address.path().isEmpty() ? null : address;
    }

    /**
     * Whether a bind to {@code asked} is satisfied by a socket that is bound to {@code inherited}: the same, or port 0.
     */
    static boolean fits(SocketAddress asked, @Nullable SocketAddress inherited) {
        if (asked instanceof InetSocketAddress wanted && inherited instanceof InetSocketAddress has) {
            return fits(wanted, has);
        }
        if (asked instanceof DomainSocketAddress wanted && inherited instanceof DomainSocketAddress has) {
            return wanted.equals(has) || isSameFile(wanted.path(), has.path());
        }
        return false;
    }

    private static boolean fits(InetSocketAddress asked, InetSocketAddress inherited) {
        boolean port = asked.getPort() == 0 || asked.getPort() == inherited.getPort();
        InetAddress host = asked.getAddress();
        return port && host != null && isSameHost(host, inherited.getAddress());
    }

    /** Whether a socket that is bound to {@code bound} is in the way of a bind to {@code asked}. */
    static boolean collide(SocketAddress asked, @Nullable SocketAddress bound) {
        if (asked instanceof InetSocketAddress wanted && bound instanceof InetSocketAddress has) {
            return wanted.getPort() == has.getPort();
        }
        return fits(asked, bound);
    }

    private static boolean isSameHost(InetAddress asked, InetAddress inherited) {
        return asked.equals(inherited) || (asked.isAnyLocalAddress() && inherited.isAnyLocalAddress());
    }

    private static boolean isSameFile(String asked, String inherited) {
        try {
            return Files.isSameFile(Path.of(asked), Path.of(inherited));
        } catch (IOException | InvalidPathException e) {
            return false; // one of them is gone, or has no path
        }
    }

    /**
     * The bytes in which Netty's {@code accept} hands over an address.
     *
     * <pre>
     * IPv4: address (4) | port (4)
     * IPv6: address (16) | scope id (4) | port (4)
     * </pre>
     *
     * @see io.netty.channel.unix.NativeInetAddress#address(byte[], int, int)
     */
    static byte[] encode(InetSocketAddress address) {
        byte[] host = address.getAddress().getAddress();
        ByteBuffer out = ByteBuffer.allocate(host.length == 4 ? 8 : 24).put(host);
        if (address.getAddress() instanceof Inet6Address ipv6) {
            out.putInt(ipv6.getScopeId());
        }
        return out.putInt(address.getPort()).array();
    }
}
