package io.fdnetty.internal.sys;

import io.netty.channel.unix.Socket;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Process, user and group of the other end of a unix socket, and the user of this process.
 *
 * <p>Source: SO_PEERCRED in unix(7) on Linux; LOCAL_PEERCRED and LOCAL_PEERPID in unix(4) on macOS.
 *
 * @param pid 0 if it is not known
 * @param uid effective when the connection was made
 * @param gid effective when the connection was made
 */
public record Credentials(int pid, int uid, int gid) {
    private static final int LINUX_SOL_SOCKET = 1;
    private static final int LINUX_SO_PEERCRED = 17;
    private static final int DEFAULT_OVERFLOW_UID = 65534;
    private static final long ALL_USERS = 0xffff_ffffL;
    private static final int BSD_SOL_LOCAL = 0;
    private static final int BSD_LOCAL_PEERCRED = 1;
    private static final int BSD_LOCAL_PEERPID = 2;
    private static final int BSD_XUCRED_BYTES = 76;
    private static final int BSD_XUCRED_UID = 4;
    private static final int BSD_XUCRED_FIRST_GID = 12;

    /** Those of the peer of a connected socket. */
    public static Credentials ofPeer(Socket socket) throws IOException {
        return PlatformDependent.isOsx() ? ofPeerOnBsd(socket) : ofPeerOnLinux(socket);
    }

    private static Credentials ofPeerOnLinux(Socket socket) throws IOException {
        ByteBuffer ucred = nativeOrder(3 * Integer.BYTES);
        socket.getRawOpt(LINUX_SOL_SOCKET, LINUX_SO_PEERCRED, ucred);
        return new Credentials(ucred.getInt(0), ucred.getInt(4), ucred.getInt(8));
    }

    private static Credentials ofPeerOnBsd(Socket socket) throws IOException {
        ByteBuffer xucred = nativeOrder(BSD_XUCRED_BYTES);
        socket.getRawOpt(BSD_SOL_LOCAL, BSD_LOCAL_PEERCRED, xucred);
        int pid = socket.getIntOpt(BSD_SOL_LOCAL, BSD_LOCAL_PEERPID);
        return new Credentials(pid, xucred.getInt(BSD_XUCRED_UID), xucred.getInt(BSD_XUCRED_FIRST_GID));
    }

    private static ByteBuffer nativeOrder(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }

    /**
     * Whether the kernel may show other users of the machine under this number, because they have none in the user
     * namespace of this process.
     *
     * <p>Source: user_namespaces(7); /proc/self/uid_map and /proc/sys/kernel/overflowuid in proc(5). False where there
     * are no such namespaces.
     */
    public static boolean standsForOthers(int uid) {
        try {
            Path map = Path.of("/proc/self/uid_map");
            return Files.exists(map) && uid == overflowUid() && !isWhole(Files.readAllLines(map));
        } catch (IOException | NumberFormatException e) {
            return uid == DEFAULT_OVERFLOW_UID;
        }
    }

    /** A file of /proc/sys must be read in one piece, which {@link Files#readString} does not. */
    private static int overflowUid() throws IOException {
        Path file = Path.of("/proc/sys/kernel/overflowuid");
        return Files.exists(file)
                ? Integer.parseUnsignedInt(Files.readAllLines(file).get(0).trim())
                : DEFAULT_OVERFLOW_UID;
    }

    /** Each line is {@code first-inside first-outside count}; 0 to 4294967294 are all users that there are. */
    private static boolean isWhole(List<String> map) {
        long mapped = 0;
        for (String line : map) {
            mapped += Long.parseLong(line.trim().split("\\s+", -1)[2]);
        }
        return mapped >= ALL_USERS;
    }

    /** The effective user of this process. */
    public static int effectiveUid() throws IOException {
        Path status = Path.of("/proc/self/status");
        return Files.exists(status) ? uidIn(Files.readAllLines(status)) : ownerOfNewFile();
    }

    /** The line is {@code Uid: real effective saved filesystem}. */
    private static int uidIn(List<String> status) throws IOException {
        for (String line : status) {
            if (line.startsWith("Uid:")) {
                return Integer.parseUnsignedInt(line.split("\\s+", -1)[2]);
            }
        }
        throw new IOException("/proc/self/status has no line Uid:");
    }

    private static int ownerOfNewFile() throws IOException {
        Path file = Files.createTempFile("fd-netty", "uid");
        try {
            return (Integer) Files.getAttribute(file, "unix:uid");
        } finally {
            Files.delete(file);
        }
    }
}
