package io.fdnetty.internal.sys;

import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.util.Optional;

/**
 * What the kernel says that a descriptor is, in the numbers of Linux on every platform.
 *
 * @param domain AF_UNIX or AF_INET (also for IPv6)
 * @param type SOCK_STREAM or SOCK_DGRAM, or another
 * @param protocol IPPROTO_TCP, IPPROTO_UDP, 0 for unix sockets, or another
 * @param listening whether it accepts connections
 */
public record SocketInfo(int domain, int type, int protocol, boolean listening) {
    public static final int AF_UNIX = 1;
    public static final int AF_INET = 2;
    public static final int SOCK_STREAM = 1;
    public static final int SOCK_DGRAM = 2;
    public static final int IPPROTO_TCP = 6;
    public static final int IPPROTO_UDP = 17;

    private static final int LINUX_AF_INET6 = 10;

    /** Empty if the descriptor is no socket. Any thread; the descriptor stays open and unchanged. */
    public static Optional<SocketInfo> of(FileDescriptor fd) {
        NativeLibrary.ensureAvailability();
        try {
            Socket socket = new Socket(fd.intValue());
            return Optional.of(PlatformDependent.isOsx() ? Bsd.ask(socket) : Linux.ask(socket));
        } catch (IOException | RuntimeException notASocket) {
            return Optional.empty();
        }
    }

    private static final class Linux {
        private static final int SOL_SOCKET = 1;
        private static final int SO_TYPE = 3;
        private static final int SO_ACCEPTCONN = 30;
        private static final int SO_PROTOCOL = 38;
        private static final int SO_DOMAIN = 39;

        static SocketInfo ask(Socket socket) throws IOException {
            int domain = socket.getIntOpt(SOL_SOCKET, SO_DOMAIN);
            return new SocketInfo(
                    domain == LINUX_AF_INET6 ? AF_INET : domain,
                    socket.getIntOpt(SOL_SOCKET, SO_TYPE),
                    socket.getIntOpt(SOL_SOCKET, SO_PROTOCOL),
                    socket.getIntOpt(SOL_SOCKET, SO_ACCEPTCONN) != 0);
        }
    }

    /** macOS has no SO_DOMAIN: an option that only one protocol knows tells it. */
    private static final class Bsd {
        private static final int SOL_SOCKET = 0xffff;
        private static final int SO_ACCEPTCONN = 0x0002;
        private static final int SO_TYPE = 0x1008;
        private static final int TCP_NODELAY = 1;
        private static final int IPPROTO_IP = 0;
        private static final int IP_TTL = 4;
        private static final int IPPROTO_IPV6 = 41;
        private static final int IPV6_UNICAST_HOPS = 4;

        static SocketInfo ask(Socket socket) throws IOException {
            int type = socket.getIntOpt(SOL_SOCKET, SO_TYPE);
            boolean listening = socket.getIntOpt(SOL_SOCKET, SO_ACCEPTCONN) != 0;
            if (type == SOCK_STREAM && knows(socket, IPPROTO_TCP, TCP_NODELAY)) {
                return new SocketInfo(AF_INET, type, IPPROTO_TCP, listening);
            }
            boolean internet = knows(socket, IPPROTO_IP, IP_TTL) || knows(socket, IPPROTO_IPV6, IPV6_UNICAST_HOPS);
            return internet
                    ? new SocketInfo(AF_INET, type, type == SOCK_DGRAM ? IPPROTO_UDP : -1, listening)
                    : new SocketInfo(AF_UNIX, type, 0, listening);
        }

        private static boolean knows(Socket socket, int level, int option) {
            try {
                socket.getIntOpt(level, option);
                return true;
            } catch (IOException unknown) {
                return false;
            }
        }
    }
}
