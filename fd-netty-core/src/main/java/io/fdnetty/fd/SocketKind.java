package io.fdnetty.fd;

import io.fdnetty.internal.sys.SocketInfo;
import io.netty.channel.unix.FileDescriptor;

/** What a descriptor is, as the kernel tells it; what a peer says about it is never believed. */
public enum SocketKind {
    TCP_LISTENER,
    TCP_CONNECTION,
    UNIX_LISTENER,
    UNIX_CONNECTION,
    UDP,
    /** A file, a pipe, or a socket of another kind: it is delivered as an owned descriptor. */
    OTHER;

    static SocketKind of(FileDescriptor fd) {
        return SocketInfo.of(fd).map(SocketKind::of).orElse(OTHER);
    }

    private static SocketKind of(SocketInfo info) {
        boolean internet = info.domain() == SocketInfo.AF_INET;
        if (internet && info.type() == SocketInfo.SOCK_DGRAM && info.protocol() == SocketInfo.IPPROTO_UDP) {
            return UDP;
        }
        if (info.type() != SocketInfo.SOCK_STREAM) {
            return OTHER;
        }
        if (internet && info.protocol() == SocketInfo.IPPROTO_TCP) {
            return info.listening() ? TCP_LISTENER : TCP_CONNECTION;
        }
        if (info.domain() == SocketInfo.AF_UNIX) {
            return info.listening() ? UNIX_LISTENER : UNIX_CONNECTION;
        }
        return OTHER;
    }
}
