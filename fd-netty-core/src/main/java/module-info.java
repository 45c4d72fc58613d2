/** Hands the listening sockets and the live connections of a running Netty server to its new version. */
module io.fdnetty.core {
    requires transitive io.netty.buffer;
    requires transitive io.netty.codec;
    requires transitive io.netty.common;
    requires transitive io.netty.transport;
    requires transitive io.netty.transport.unix.common;
    requires io.netty.transport.classes.epoll;
    requires io.netty.transport.classes.kqueue;
    requires jdk.jfr;
    requires static transitive org.jspecify;

    exports io.fdnetty;
    exports io.fdnetty.boundary;
    exports io.fdnetty.channel;
    exports io.fdnetty.fd;
    exports io.fdnetty.move;
}
